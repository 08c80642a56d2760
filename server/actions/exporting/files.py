"""The files of submissions, in the clear where they were encrypted and a key opens them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exports.media import Attachment
from forms.errors import DecryptionRefused
from forms.instances import is_encrypted
from forms.xml import parse_xml
from server.actions.decrypting import Opener
from server.queries import projection
from server.queries.exports import RecordRow
from server.queries.submission_attachments import FileRow, list_current_files
from server.storage import KeptFile, Storage

_ENCRYPTED = ".enc"
_AT_ONCE = 500


class SubmissionFiles:
    """Reads them page by page. With `everything` also those that stay encrypted, as they are, and
    those that came under a name that was taken.
    """

    def __init__(self, opener: Opener, storage: Storage, *, everything: bool) -> None:
        self._opener = opener
        self._storage = storage
        self._everything = everything

    def of(self, page: Sequence[RecordRow], folder: str = "") -> Iterator[Attachment]:
        """The files that current versions name and bring, submission by submission."""
        for at in range(0, len(page), _AT_ONCE):
            some = page[at : at + _AT_ONCE]
            found = list_current_files([row.version_id for row in some])
            for row in some:
                yield from self._of_one(row, found.get(row.version_id, []), folder)

    def _of_one(
        self, row: RecordRow, files: Sequence[FileRow], folder: str
    ) -> Iterator[Attachment]:
        if any(file.name.endswith(_ENCRYPTED) for file in files):
            [slip] = projection.load_slips([row.version_id])
            if is_encrypted(parse_xml(slip.xml, lenient=True)):
                yield from self._of_encrypted(row, slip.xml, files, folder)
                return
        yield from self._as_they_are(row, files, folder)

    def _of_encrypted(
        self, row: RecordRow, xml: bytes, files: Sequence[FileRow], folder: str
    ) -> Iterator[Attachment]:
        kept = {f.name: self._kept(f) for f in files if not f.is_conflict}
        opened = self._opener.open_files(
            xml, version_id=row.version_id, form_version_id=row.form_version_id
        )
        try:
            for name, pieces in opened:
                source = kept.get(f"{name}{_ENCRYPTED}")
                whole = _as_far_as_sound(pieces) if pieces is not None else None
                yield Attachment(row.instance_id, name, source, whole, folder)
        except DecryptionRefused:
            if self._everything:
                yield from self._as_they_are(row, files, folder)

    def _as_they_are(
        self, row: RecordRow, files: Sequence[FileRow], folder: str
    ) -> Iterator[Attachment]:
        for file in files:
            if file.is_conflict and not self._everything:
                continue
            yield Attachment(row.instance_id, file.name, self._kept(file), folder=folder)

    def _kept(self, file: FileRow) -> KeptFile | None:
        return self._storage.file(file.storage_key) if file.storage_key else None


def _as_far_as_sound(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A damaged file ends early; that its submission is not as it was signed is said in its row."""
    try:
        yield from pieces
    except DecryptionRefused:
        return
