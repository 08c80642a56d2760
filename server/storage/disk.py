"""What is done with the disk: private files, durable ones, and the word for "it is full"."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from server.errors import DiskFull

PRIVATE = 0o700
"""Children's data: folders for the server's own account and nobody else."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


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


def create_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
