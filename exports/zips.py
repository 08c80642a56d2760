"""ZIPs at the speed of the disk, written as they go: `out` need not be able to go back.

Same members, same bytes: a member bears the date 1980-01-01, no clock. Files over 4 GB and any
number of them are in ZIP64 (PKWARE APPNOTE 6.3.10, 4.3 and 4.5.3).
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from struct import pack
from typing import IO, NamedTuple, Protocol

from isal import isal_zlib

from exports.pieces import Piece

_CHUNK = 1 << 20
_BLOCK = 0xFFFF  # the longest stored block of a deflated stream
_FULL = 0xFFFFFFFF  # what stands where the number is in a field of 64 bits
_LARGE = 4_000_000_000
_UTF8 = 0x0800
_SIZES_AFTER = 0x0008
_DEFLATED = 8
_MIDNIGHT, _DAY = 0, 0x21
_VERSION, _VERSION64 = 20, 45
_UNIX = 3 << 8
_MODE = 0o100600 << 16  # a file that only its owner reads


class Sink(Protocol):
    """What takes bytes one after the other."""

    def write(self, part: bytes | bytearray, /) -> object: ...


class _Sums(NamedTuple):
    crc: int = 0
    packed: int = 0
    length: int = 0


class ZipWriter:
    """`add` or `add_pieces` the members one by one, then `finish`."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self._at = 0
        self._directory = bytearray()
        self._count = 0

    def add(self, name: str, source: IO[bytes], *, size: int, is_packed: bool = False) -> None:
        """Write one member; what `is_packed`, such as a photo, is not packed again.

        Its sizes and sum stand after its data. A `size` that does not foretell 4 GB must not grow
        to them.
        """
        pieces = _read(source, _BLOCK if is_packed else _CHUNK)
        deque(self.adding(name, pieces, size=size, is_packed=is_packed), maxlen=0)

    def adding(
        self, name: str, pieces: Iterable[bytes], *, size: int, is_packed: bool = False
    ) -> Iterator[None]:
        """The same in steps: something was written, or may have been, before each next one."""
        path, is_large, start = name.encode(), size > _LARGE, self._at
        flags = _UTF8 | _SIZES_AFTER
        self._begin(path, flags, _Sums(), is_large=is_large)
        before, crc, length = self._at, 0, 0
        deflate = _store if is_packed else _deflate
        for chunk, packed in deflate(pieces):
            crc, length = isal_zlib.crc32(chunk, crc), length + len(chunk)
            self._write(packed)
            yield
        sums = _Sums(crc, self._at - before, length)
        self._write(pack("<4sL2Q" if is_large else "<4s3L", b"PK\7\x08", *sums))
        self._list(path, flags, sums, start, is_large=is_large)

    def add_pieces(self, name: str, pieces: Sequence[Piece]) -> None:
        """Write one member of what was deflated before; its pieces are finished and let go."""
        path, start = name.encode(), self._at
        crc = packed = length = 0
        for piece in pieces:
            piece.finish(is_last=piece is pieces[-1])
            crc = isal_zlib.crc32_combine(crc, piece.crc, piece.size)
            packed, length = packed + piece.file.tell(), length + piece.size
        sums, is_large = _Sums(crc, packed, length), max(packed, length) > _LARGE
        self._begin(path, _UTF8, sums, is_large=is_large)
        for piece in pieces:
            piece.file.seek(0)
            shutil.copyfileobj(piece.file, self._out, _CHUNK)
            piece.file.close()
        self._at += packed
        self._list(path, _UTF8, sums, start, is_large=is_large)

    def finish(self) -> None:
        """Write the directory."""
        start, size, count = self._at, len(self._directory), self._count
        self._write(self._directory)
        if count >= 0xFFFF or start + size > _LARGE:
            end = (44, _UNIX | _VERSION64, _VERSION64, 0, 0, count, count, size, start)
            self._write(pack("<4sQ2H2L4Q", b"PK\6\6", *end))
            self._write(pack("<4sLQL", b"PK\6\7", 0, start + size, 1))
        counts = min(count, 0xFFFF), min(count, 0xFFFF)
        places = min(size, _FULL), min(start, _FULL)
        self._write(pack("<4s4H2LH", b"PK\5\6", 0, 0, *counts, *places, 0))

    def _begin(self, path: bytes, flags: int, sums: _Sums, *, is_large: bool) -> None:
        """What stands before the data; sizes that come after it are 0 here."""
        room = pack("<2H2Q", 1, 16, sums.length, sums.packed) if is_large else b""
        sizes = (_FULL, _FULL) if is_large else (sums.packed, sums.length)
        head = (_version(is_large), flags, _DEFLATED, _MIDNIGHT, _DAY, sums.crc, *sizes)
        self._write(pack("<4s5H3L2H", b"PK\3\4", *head, len(path), len(room)), path, room)

    def _list(self, path: bytes, flags: int, sums: _Sums, start: int, *, is_large: bool) -> None:
        is_large = is_large or start > _LARGE
        room = pack("<2H3Q", 1, 24, sums.length, sums.packed, start) if is_large else b""
        packed, length, place = (_FULL,) * 3 if is_large else (sums.packed, sums.length, start)
        version = _version(is_large)
        head = (_UNIX | version, version, flags, _DEFLATED, _MIDNIGHT, _DAY)
        sizes = (sums.crc, packed, length)
        rest = (len(path), len(room), 0, 0, 0, _MODE, place)
        self._directory += pack("<4s6H3L5H2L", b"PK\1\2", *head, *sizes, *rest) + path + room
        self._count += 1

    def _write(self, *parts: bytes | bytearray) -> None:
        for part in parts:
            self._out.write(part)
            self._at += len(part)


def _read(source: IO[bytes], most: int) -> Iterator[bytes]:
    while chunk := source.read(most):
        yield chunk


def _version(is_large: bool) -> int:
    return _VERSION64 if is_large else _VERSION


def _deflate(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Chunks and what they become, at the fastest level: text shrinks to a tenth either way."""
    packer = isal_zlib.compressobj(level=1, wbits=-15)
    for chunk in pieces:
        yield chunk, packer.compress(chunk)
    yield b"", packer.flush()


def _store(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The same as stored blocks: readers of streams need to see where a member ends."""
    for piece in pieces:
        for at in range(0, len(piece), _BLOCK):
            chunk = piece[at : at + _BLOCK]
            yield chunk, pack("<B2H", 0, len(chunk), len(chunk) ^ 0xFFFF) + chunk
    yield b"", pack("<B2H", 1, 0, 0xFFFF)
