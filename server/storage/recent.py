"""What was read a moment ago, in the memory of this process: so much, and for so long.

An export reads the same files of rows page after page.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

_MOST = 32_000_000
_LARGEST = _MOST // 4
_SECONDS = 300.0


class Recent:
    """Bytes by key; the oldest go first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._size = 0

    def find(self, key: str) -> bytes | None:
        with self._lock:
            self._let_go()
            held = self._held.get(key)
            return held[1] if held else None

    def add(self, key: str, data: bytes) -> None:
        with self._lock:
            self._drop(key)
            if len(data) <= _LARGEST:
                self._held[key] = (time.monotonic(), data)
                self._size += len(data)
                self._let_go()

    def forget(self, key: str) -> None:
        with self._lock:
            self._drop(key)

    def _let_go(self) -> None:
        before = time.monotonic() - _SECONDS
        while self._held:
            key, (since, _) = next(iter(self._held.items()))
            if since >= before and self._size <= _MOST:
                return
            self._drop(key)

    def _drop(self, key: str) -> None:
        _, data = self._held.pop(key, (0.0, b""))
        self._size -= len(data)
