"""Files that hold a secret: written whole or not at all, and readable by their owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def write_private(path: Path, data: bytes) -> None:
    """Put the file there with mode 0600, whatever stood there before."""
    with open_private(path) as file:
        file.write(data)


@contextmanager
def open_private(path: Path) -> Iterator[IO[bytes]]:
    """The same for what is written piece by piece: it is there at the end, if all went well."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(aside, "xb", opener=_open_private) as file:
            yield file
        aside.replace(path)
    except BaseException as error:
        with suppress(OSError):
            aside.unlink()
        if isinstance(error, OSError) and str(error.filename) == str(aside):
            error.filename = str(path)  # the one that somebody asked for
        raise


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
