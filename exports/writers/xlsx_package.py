"""The ZIP that a workbook is: members deflated as they come, no clock, same rows same bytes.

A member is made of pieces, each deflated on its own: the rows of a sheet are packed long before
what stands above them is known. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from struct import pack
from tempfile import TemporaryFile
from typing import IO

from isal import isal_zlib

_LEVEL = 1
_RAW = -15
_DAY = 0x21  # 1980-01-01, the first that a ZIP knows
_DEFLATED = 8
_VERSION, _VERSION64 = 20, 45
_LARGEST = 0xFFFF_FFFE
_ELSEWHERE = 0xFFFF_FFFF  # what stands where the number is in a field of 64 bits

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


@dataclass(frozen=True, slots=True)
class _Entry:
    """A member as the directory has it."""

    name: bytes
    crc: int
    packed: int
    size: int
    offset: int

    def local(self) -> bytes:
        (size, packed), extra = _wide(self.size, self.packed)
        if extra:  # here both stand in the extra field, or none
            size = packed = _ELSEWHERE
            extra = pack("<HHQQ", 1, 16, self.size, self.packed)
        version = _VERSION64 if extra else _VERSION
        signed = pack("<IH", 0x0403_4B50, version)
        return signed + self._common(size, packed, len(extra)) + self.name + extra

    def central(self) -> bytes:
        (size, packed, offset), extra = _wide(self.size, self.packed, self.offset)
        version = _VERSION64 if extra else _VERSION
        return (
            pack("<IHH", 0x0201_4B50, version, version)
            + self._common(size, packed, len(extra))
            + pack("<HHHII", 0, 0, 0, 0, offset)
            + self.name
            + extra
        )

    def _common(self, size: int, packed: int, extra: int) -> bytes:
        named = pack("<HHHH", 0, _DEFLATED, 0, _DAY)
        return named + pack("<IIIHH", self.crc, packed, size, len(self.name), extra)


class Package:
    """A ZIP being written; every member is complete when it comes."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._at = 0
        self._entries: list[_Entry] = []

    def add(self, name: str, pieces: Sequence[Piece]) -> None:
        """Add a member; its pieces are finished and let go."""
        crc = packed = size = 0
        for piece in pieces:
            piece.finish(is_last=piece is pieces[-1])
            crc = isal_zlib.crc32_combine(crc, piece.crc, piece.size)
            packed += piece.file.tell()
            size += piece.size
        entry = _Entry(name.encode(), crc, packed, size, self._at)
        self._entries.append(entry)
        self._write(entry.local())
        for piece in pieces:
            piece.file.seek(0)
            shutil.copyfileobj(piece.file, self._out, 1 << 20)
            piece.file.close()
        self._at += packed

    def finish(self) -> None:
        """Write the directory."""
        start = self._at
        for entry in self._entries:
            self._write(entry.central())
        count, length = len(self._entries), self._at - start
        ends, extra = _wide(length, start)
        if extra:
            self._write_end64(count, length, start)
        self._write(pack("<IHHHHIIH", 0x0605_4B50, 0, 0, count, count, *ends, 0))

    def _write_end64(self, count: int, length: int, start: int) -> None:
        at = self._at
        versions = (_VERSION64, _VERSION64)
        self._write(
            pack("<IQHHIIQQQQ", 0x0606_4B50, 44, *versions, 0, 0, count, count, length, start)
        )
        self._write(pack("<IIQI", 0x0706_4B50, 0, at, 1))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def piece_of(content: bytes) -> Piece:
    piece = Piece(BytesIO())
    piece.write(content)
    return piece


def _wide(*numbers: int) -> tuple[list[int], bytes]:
    """The numbers as 32 bits hold them, and the extra field with those that they do not hold."""
    wide = [number for number in numbers if number > _LARGEST]
    extra = pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    return [number if number <= _LARGEST else _ELSEWHERE for number in numbers], extra
