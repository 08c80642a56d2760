"""Read a file of a store: as a stream that can be sought, or as a whole."""

from __future__ import annotations

import io
from http.client import HTTPException
from typing import Any, Literal

from server.errors import StorageUnavailable
from server.storage.client import Client, Request, Stream
from server.storage.recent import Recent

_BUFFER = 1 << 17
_TRIES = 3


class StoredFile:
    """A file in the bucket; one that is read as a whole is remembered for a while."""

    def __init__(self, client: Client, name: str, recent: Recent) -> None:
        self._client = client
        self._name = name
        self._recent = recent

    def open(self, _mode: Literal["rb"], /) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._client, self._name, self._find_size()), _BUFFER)

    def read_bytes(self) -> bytes:
        data = self._recent.find(self._name)
        if data is None:
            _, data = self._client.call(Request("GET", self._name))
            self._recent.add(self._name, data)
        return data

    def is_file(self) -> bool:
        if self._recent.find(self._name) is not None:
            return True
        try:
            self._find_size()
        except FileNotFoundError:
            return False
        return True

    def _find_size(self) -> int:
        headers, _ = self._client.call(Request("HEAD", self._name))
        return int(headers["content-length"])


class _Reader(io.RawIOBase):
    """Asks for what is from its position on, when it is read, and goes on where that breaks off."""

    def __init__(self, client: Client, name: str, size: int) -> None:
        super().__init__()
        self._client = client
        self._name = name
        self._size = size
        self._position = 0
        self._stream: Stream | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        if start + offset != self._position:
            self._let_go()
            self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._size:
            return 0
        room = memoryview(buffer)[: self._size - self._position]
        for _ in range(_TRIES):
            if count := self._read_some(room):
                self._position += count
                return count
            self._let_go()
        raise StorageUnavailable(status=0, code="Truncated")

    def close(self) -> None:
        self._let_go()
        super().close()

    def _read_some(self, room: memoryview) -> int:
        """0 where the connection broke off."""
        if self._stream is None:
            headers = {"range": f"bytes={self._position}-"} if self._position else {}
            self._stream = self._client.open(Request("GET", self._name, headers=headers))
        try:
            return self._stream.read_into(room)
        except (OSError, HTTPException):
            return 0

    def _let_go(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
