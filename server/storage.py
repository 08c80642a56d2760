"""Attachments on disk. A file is kept under a name made of hashes: no name from outside is a path.

Keeping is durable: write, fsync, rename, fsync the folder (design, promise 1).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from server.errors import DiskFull

PRIVATE = 0o700
"""Children's data: folders for the server's own account and nobody else."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file received into the temporary folder, not yet kept."""

    path: Path
    size: int
    sha256: str
    md5: str


class Storage:
    """One folder of kept files and, on the same file system, the uploads under way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uploads = root / "uploads"
        self._made: set[Path] = set()

    def prepare(self) -> None:
        """Create the folders; once, before anything is received."""
        self.root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        self.uploads.mkdir(mode=PRIVATE, exist_ok=True)

    @contextlib.contextmanager
    def receive(self) -> Iterator[UploadWriter]:
        """Write an upload; `writer.upload` is set at the end, the file is gone after a fault."""
        path = self.uploads / secrets.token_hex(16)
        with disk_errors():
            file = os.fdopen(_create_private(path), "wb")
        try:
            with file:
                yield UploadWriter(path, file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def keep(self, upload: Upload, owner: str) -> str:
        """Give an upload its place, durably, and return its key; the upload itself stays.

        The key holds the owner (a hash of the instance) and the content: the same file sent again
        lands on itself, and erasing one submission touches no other.
        """
        key = f"{upload.sha256[:2]}/{owner}-{upload.sha256}"
        target = self.root / key
        with disk_errors():
            self._make_shard(target.parent)
            _sync(upload.path)
            with contextlib.suppress(FileExistsError):  # the same bytes, kept before
                os.link(upload.path, target)
            _sync(target.parent)
        return key

    def settle(self, key: str) -> None:
        """Make durable what was written straight into its place."""
        with disk_errors():
            _sync(self.root / key)
            _sync((self.root / key).parent)

    def path(self, key: str) -> Path:
        """The file of a key, for reading only."""
        return self.root / key

    def remove(self, keys: Iterable[str]) -> None:
        """Remove kept files that no row speaks of any more."""
        for key in keys:
            self.path(key).unlink(missing_ok=True)

    def sweep(self, *, older_than: float) -> int:
        """Remove uploads that no request finished; return how many."""
        before = time.time() - older_than
        stale = [path for path in self.uploads.iterdir() if _is_older(path, before)]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _make_shard(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(mode=PRIVATE, exist_ok=True)
            _sync(self.root)
            self._made.add(folder)


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


def owner_name(*parts: object) -> str:
    """A short, path-safe name for whatever the parts identify."""
    joined = "\0".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:24]


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Turn "no space left" into DiskFull."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise DiskFull from error
        raise


def is_disk_full(error: OSError) -> bool:
    """Polars says it in words only, without a number."""
    return error.errno in _FULL or "no space left" in str(error).lower()


def _create_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _is_older(path: Path, moment: float) -> bool:
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:  # its request has finished meanwhile
        return False


def _sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
