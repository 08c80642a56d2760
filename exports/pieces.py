"""Bytes deflated as they come into files without a name, to become members of a ZIP later.

The rows of a sheet are packed long before what stands above them is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from isal import isal_zlib

_LEVEL = 1
_RAW = -15

NewFile = Callable[[], IO[bytes]]


@contextmanager
def spool(folder: Path) -> Iterator[NewFile]:
    """Give files without a name in a folder; they are gone when it ends."""
    with ExitStack() as files:
        yield lambda: files.enter_context(TemporaryFile(dir=folder))


class Piece:
    """Bytes of a member, deflated into a file as they come."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0
        self.crc = 0
        self._deflate = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _RAW)

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self.crc = isal_zlib.crc32(data, self.crc)
        self.file.write(self._deflate.compress(data))

    def finish(self, *, is_last: bool) -> None:
        """Nothing comes after; `is_last` of its member or not."""
        mode = isal_zlib.Z_FINISH if is_last else isal_zlib.Z_FULL_FLUSH
        self.file.write(self._deflate.flush(mode))


def piece_of(content: bytes) -> Piece:
    piece = Piece(BytesIO())
    piece.write(content)
    return piece
