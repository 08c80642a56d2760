"""The attachments of submissions in one ZIP: a folder for each, and a list of what has not come.

They are read from where they are kept and written straight to `out`: nothing is copied on the way,
and memory stays flat however large they are.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import IO, Literal, Protocol

import polars as pl

from exports.formulas import neutralise
from exports.names import unique_file_name
from exports.zips import ZipWriter

FORMAT = "attachments"
"""What people call it among the formats of tables."""
MISSING = "_missing.csv"
_CHUNK = 0xFFFF
# What is packed already, by the end of its name: packing it again takes time and gains nothing.
_PACKED = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".heif", ".avif"),
    *(".mp4", ".m4v", ".mov", ".3gp", ".3gpp", ".webm", ".mkv"),
    *(".m4a", ".mp3", ".aac", ".amr", ".ogg", ".oga", ".opus", ".flac"),
    *(".zip", ".gz", ".7z", ".docx", ".xlsx", ".pptx", ".odt", ".ods"),
)


class File(Protocol):
    """Where bytes are kept, such as a path."""

    def open(self, mode: Literal["rb"], /) -> IO[bytes]: ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a submission, by its instance id, names; no `file` where it has not come.

    `pieces` are its bytes where these are not the file's own: in the clear, not longer than the
    file. `folder` is the one above the submission's.
    """

    submission: str
    name: str
    file: File | None
    pieces: Iterator[bytes] | None = None
    folder: str = ""

    @property
    def is_packed(self) -> bool:
        return self.name.lower().endswith(_PACKED)

    @contextmanager
    def opened(self) -> Iterator[tuple[int, Iterator[bytes]] | None]:
        """Its size, at most, and its bytes; None where there is no file."""
        with ExitStack() as stack:
            try:
                source = stack.enter_context(self.file.open("rb")) if self.file else None
            except FileNotFoundError:
                source = None
            if source is None:
                yield None
                return
            size = source.seek(0, io.SEEK_END)
            source.seek(0)
            yield size, self.pieces or iter(lambda: source.read(_CHUNK), b"")


@dataclass(frozen=True, slots=True)
class Packed:
    """How many files are in the ZIP, and how many in its list of what is missing."""

    files: int
    missing: int


def write_attachments(attachments: Iterable[Attachment], out: IO[bytes]) -> Packed:
    """Write the ZIP; a submission's attachments come one after another.

    `out` need not be able to go back. Names are legal on every system and differ whatever their
    case; a file keeps its name when another one of the submission arrives. A file whose `path`
    leads nowhere is missing too.
    """
    archive = ZipWriter(out)
    files, missing = 0, list[tuple[str, str]]()
    folders: set[str] = set()
    unique_file_name(MISSING, folders)
    for (above, submission), own in groupby(attachments, key=attrgetter("folder", "submission")):
        folder, names = unique_file_name(submission, folders), set[str]()
        folder = f"{above}/{folder}" if above else folder
        for attachment in own:
            place = f"{folder}/{unique_file_name(attachment.name, names)}"
            if _add(archive, place, attachment):
                files += 1
            else:
                missing.append((submission, attachment.name))
    _add_missing(archive, missing)
    archive.finish()
    return Packed(files, len(missing))


def _add(archive: ZipWriter, place: str, attachment: Attachment) -> bool:
    """False where there is no file."""
    with attachment.opened() as opened:
        if opened is None:
            return False
        size, pieces = opened
        deque(archive.adding(place, pieces, size=size, is_packed=attachment.is_packed), maxlen=0)
        return True


def _add_missing(archive: ZipWriter, missing: Sequence[tuple[str, str]]) -> None:
    schema = {"submission": pl.String, "file": pl.String}
    listed = neutralise(pl.DataFrame(missing, schema=schema, orient="row"))
    content = io.BytesIO()
    listed.write_csv(content, include_bom=True, line_terminator="\r\n")
    archive.add(MISSING, io.BytesIO(content.getvalue()), size=content.tell())
