"""A place that one export writes to at a time, by a hidden folder beside it.

The folder is locked for as long as its writer lives, however that ends: what stands there without a
lock was left behind, and goes before the next export of the same place.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exports.errors import PlaceBusy

FILES, PACKED, OLD = "files", "packed.zip", "old"
"""What may be in the folder: what is being written, and what stood there before."""
_FRESH = 5.0
"""Seconds in which a writer locks the folder that it made."""


@contextmanager
def claimed(out: Path) -> Iterator[Path]:
    """The hidden folder, which is gone afterwards; PlaceBusy where another one writes to `out`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
        folder = Path(name)
        with _locked(folder):
            for other in _others(folder, out):
                _remove_left(other, out)
            yield folder


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _others(own: Path, out: Path) -> Iterator[Path]:
    name = re.compile(rf"\.{re.escape(out.name)}\.[a-z0-9_]{{8}}")
    for path in out.parent.iterdir():
        if path != own and name.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            yield path


def _remove_left(folder: Path, out: Path) -> None:
    try:
        if {path.name for path in folder.iterdir()} - {FILES, PACKED, OLD}:
            return
        with _locked(folder):
            if time.time() - folder.stat().st_mtime < _FRESH:
                return
            if (folder / OLD).exists() and not out.exists():
                (folder / OLD).rename(out)
            shutil.rmtree(folder)
    except FileNotFoundError:  # its writer has finished meanwhile
        return
    except BlockingIOError as error:
        raise PlaceBusy(out) from error
