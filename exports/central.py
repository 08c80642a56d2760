"""An export as Central lays it out, byte by byte as it is made (central-api.md §11).

The form's own rows go straight out. Those of repeats and the logs of filling wait in files that
have no name: they are gone with whoever writes, however that ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from exports.client_audits import HEADING, audit_rows
from exports.media import Attachment
from exports.names import bare_file_name, unique_file_name
from exports.tables import Dataset
from exports.writers.central import header, member_name, rows
from exports.zips import ZipWriter

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Parts:
    """What goes into a ZIP. `size` is how many bytes the form's own rows have at most.

    `logs` says of an attachment that it is its submission's log of filling.
    """

    dataset: Dataset
    attachments: Iterable[Attachment]
    logs: frozenset[str]
    size: int


def iter_csv(dataset: Dataset) -> Iterator[bytes]:
    """The form's own rows."""
    yield header(dataset.heads[0])
    for batch in dataset.batches():
        yield rows(batch[0])


def iter_zip(parts: Parts, folder: Path) -> Iterator[bytes]:
    """The ZIP; what waits does so on the disk of `folder`."""
    dataset, out = parts.dataset, _Outgoing()
    archive = ZipWriter(out)
    with ExitStack() as stack:
        waiting = [stack.enter_context(TemporaryFile(dir=folder)) for _ in dataset.heads[1:]]
        names = [member_name(dataset.name, head) for head in dataset.heads]
        for _ in archive.adding(names[0], _root_rows(dataset, waiting), size=parts.size):
            yield from out.taken()
        for name, file in zip(names[1:], waiting, strict=True):
            for _ in _add_file(archive, name, file):
                yield from out.taken()
        log = stack.enter_context(TemporaryFile(dir=folder))
        for _ in _add_attachments(archive, parts, log):
            yield from out.taken()
        if log.tell():
            name = bare_file_name(f"{dataset.name} - audit.csv")
            for _ in _add_file(archive, name, log):
                yield from out.taken()
        archive.finish()
        yield from out.taken()


class _Outgoing:
    """What was written and not yet taken."""

    def __init__(self) -> None:
        self._parts: list[bytes | bytearray] = []

    def write(self, part: bytes | bytearray) -> None:
        self._parts.append(part)

    def taken(self) -> Iterator[bytes]:
        if self._parts:
            taken, self._parts = b"".join(self._parts), []
            yield taken


def _root_rows(dataset: Dataset, waiting: Sequence[IO[bytes]]) -> Iterator[bytes]:
    yield header(dataset.heads[0])
    for file, head in zip(waiting, dataset.heads[1:], strict=True):
        file.write(header(head))
    for batch in dataset.batches():
        for file, table in zip(waiting, batch[1:], strict=True):
            file.write(rows(table))
        yield rows(batch[0])


def _add_file(archive: ZipWriter, name: str, file: IO[bytes]) -> Iterator[None]:
    size = file.tell()
    file.seek(0)
    yield from archive.adding(name, iter(lambda: file.read(_CHUNK), b""), size=size)


def _add_attachments(archive: ZipWriter, parts: Parts, log: IO[bytes]) -> Iterator[None]:
    """The files under `media/`; what is a log of filling goes into the one of all."""
    taken: set[str] = set()
    for attachment in parts.attachments:
        with attachment.opened() as opened:
            if opened is None:
                continue
            size, pieces = opened
            if attachment.name in parts.logs:
                log.write(b"" if log.tell() else HEADING)
                log.writelines(audit_rows(attachment.submission, pieces))
                yield
                continue
            name = unique_file_name(bare_file_name(attachment.name), taken)
            packed = attachment.is_packed
            yield from archive.adding(f"media/{name}", pieces, size=size, is_packed=packed)
