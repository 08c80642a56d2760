"""Files received, not yet kept: written and hashed on the local disk as they arrive."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from server.storage.disk import create_private, disk_errors


@dataclass(frozen=True, slots=True)
class Upload:
    """A file received into the temporary folder, not yet kept."""

    path: Path
    size: int
    sha256: str
    md5: str


class UploadWriter:
    """Writes and hashes what arrives; `Storage.keep` makes it durable."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.size = 0

    def write(self, data: bytes) -> None:
        with disk_errors():
            self._file.write(data)
        self._sha256.update(data)
        self._md5.update(data)
        self.size += len(data)

    def finish(self) -> Upload:
        with disk_errors():
            self._file.flush()
        return Upload(self._path, self.size, self._sha256.hexdigest(), self._md5.hexdigest())


@contextlib.contextmanager
def receive(folder: Path) -> Iterator[UploadWriter]:
    """Write an upload; the file is gone after a fault."""
    path = folder / secrets.token_hex(16)
    with disk_errors():
        file = os.fdopen(create_private(path), "wb")
    try:
        with file:
            yield UploadWriter(path, file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def sweep(folder: Path, *, older_than: float) -> int:
    """Remove uploads that no request finished; return how many."""
    before = time.time() - older_than
    stale = [path for path in folder.iterdir() if _is_older(path, before)]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _is_older(path: Path, moment: float) -> bool:
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:  # its request has finished meanwhile
        return False
