"""multipart/form-data as a stream: parts one after the other, each in chunks (RFC 7578, RFC 2046).

Own code, because every slip passes here: one search for each chunk that arrives, nothing compiled
for each request, and a body that breaks off is told from one that is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import parse_options_header

from server.errors import BodyIncomplete, TooLarge, TooManyParts

_CHUNK = 65_536
_MAX_HEADERS = 16_384


@dataclass(frozen=True, slots=True)
class Part:
    """What the headers of one part say; `filename` is None in a plain field."""

    name: str
    filename: str | None
    content_type: str


class Multipart:
    """A body being read: iterate over its parts, and over the chunks of each before the next.

    Raises BodyIncomplete where the last boundary does not arrive, TooLarge past `limit` bytes,
    TooManyParts past `max_parts`.
    """

    def __init__(self, stream: IO[bytes], boundary: str, *, limit: int, max_parts: int) -> None:
        self._stream = stream
        self._limit = limit
        self._max_parts = max_parts
        self._delimiter = f"\r\n--{boundary}".encode()
        self._size = 0
        self._buffer = b"\r\n"  # the first boundary may stand at the very beginning

    def parts(self) -> Iterator[Part]:
        for _ in range(self._max_parts + 1):
            for _ in self.chunks():  # what the caller left, and what stands before the first
                pass
            self._buffer = self._buffer[len(self._delimiter) :]
            if self._buffer.startswith(b"--"):
                self._pass_epilogue()
                return
            yield self._read_headers()
        raise TooManyParts(limit=self._max_parts)

    def chunks(self) -> Iterator[bytes]:
        """Yield the rest of the current part, up to the boundary after it."""
        keep = len(self._delimiter) + 1
        at = 0
        while (found := self._buffer.find(self._delimiter, at)) < 0 or not self._is_boundary(found):
            at = found + 1
            if found < 0:
                data, self._buffer = self._buffer[:-keep], self._buffer[-keep:]
                if data:
                    yield data
                self._fill()
        data, self._buffer = self._buffer[:found], self._buffer[found:]
        if data:
            yield data

    def _is_boundary(self, at: int) -> bool:
        """False where a file only holds something that begins like the boundary."""
        end = at + len(self._delimiter)
        while len(self._buffer) < end + 2:
            self._fill()
        after = self._buffer[end : end + 2]
        return after in (b"--", b"\r\n") or after[:1] in (b" ", b"\t")

    def _read_headers(self) -> Part:
        padding, *lines = self._take_headers().split(b"\r\n")
        if padding.strip():
            raise BodyIncomplete
        headers = {}
        for line in lines:
            name, _, value = line.decode("utf-8", "replace").partition(":")
            headers[name.strip().lower()] = value.strip()
        _, options = parse_options_header(headers.get("content-disposition", ""))
        content_type = headers.get("content-type", "application/octet-stream")
        return Part(options.get("name", ""), options.get("filename"), content_type)

    def _take_headers(self) -> bytes:
        """From the end of the boundary to the empty line, which may be the very next."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _MAX_HEADERS:
                raise TooLarge(limit=_MAX_HEADERS)
            self._fill()
        headers, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        return headers

    def _fill(self) -> None:
        data = self._read()
        if not data:
            raise BodyIncomplete
        self._buffer += data

    def _pass_epilogue(self) -> None:
        while self._read():
            pass

    def _read(self) -> bytes:
        try:
            data = self._stream.read(_CHUNK)
        except (OSError, ClientDisconnected) as error:
            raise BodyIncomplete from error
        self._size += len(data)
        if self._size > self._limit:
            raise TooLarge(limit=self._limit)
        return data
