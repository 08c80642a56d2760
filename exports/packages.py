"""Put an export where it was asked for, whole or not at all: a ZIP, a workbook or a folder.

A folder is new, empty, or what an earlier run of the same export wrote and nobody added to: only
then is it replaced, by one rename. Only the owner may read what is written, also on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from exports.claims import FILES, OLD, PACKED, claimed
from exports.errors import FileInTheWay
from exports.folders import require_ours, write_list
from exports.formats import FORMATS
from exports.names import name_beside
from exports.zips import ZipWriter

SINGLE_FILES = tuple(f".{f.suffix}" for f in FORMATS.values() if f.is_single)


@contextmanager
def staged(out: Path, export: str) -> Iterator[Path]:
    """A folder beside `out` to write into, of its owner alone; it is gone afterwards.

    `export` tells one export from another. Refused before anything is written: see `deliver`.
    """
    _require_free(out, export)
    with claimed(out) as own:
        folder = own / FILES
        folder.mkdir()
        yield folder


def deliver(folder: Path, out: Path, export: str) -> None:
    """Move what was written to `out`: its suffix decides between ZIP, single file and folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if out.suffix.lower() == ".zip":
        packed = folder.with_name(PACKED)
        _zip(folder, files, packed)
        files = [packed]
    if is_file(out):
        _put(files, out)
        return
    write_list(folder, files, export)
    _protect(folder)
    _require_free(out, export)  # the export took its time: somebody may have come meanwhile
    _swap(folder, out)


@contextmanager
def written(out: Path, export: str) -> Iterator[IO[bytes]]:
    """A file to write that is put at `out` when it is whole; else nothing is left of it."""
    with staged(out, export) as folder:
        path = folder / out.name
        with path.open("xb") as file:
            yield file
        path.chmod(0o600)
        path.replace(out)


def is_file(out: Path) -> bool:
    """True where `out` names a ZIP or a file of a single one, whatever the case of its suffix."""
    return out.suffix.lower() in (".zip", *SINGLE_FILES)


def _put(files: list[Path], out: Path) -> None:
    """Move the file that `out` is, and any that came with it beside it, under names like its own.

    It comes last: where it is, all of it is.
    """
    [main] = [file for file in files if file.suffix.lower() == out.suffix.lower()]
    sides = {out.with_name(name_beside(f.name, main.name, out.name)): f for f in files if f != main}
    for place in sides:
        if place.is_dir():
            raise FileInTheWay(place)
    for place, file in {**sides, out: main}.items():
        file.chmod(0o600)
        file.replace(place)


def _require_free(out: Path, export: str) -> None:
    if out.exists() and out.is_dir() == is_file(out):
        raise FileInTheWay(out)
    if out.is_dir():
        require_ours(out, export)


def _protect(folder: Path) -> None:
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _swap(folder: Path, out: Path) -> None:
    """Rename; what stood there goes with the temporary folder, or back if its successor fails."""
    out = out.resolve()
    if not out.exists():
        folder.rename(out)
        return
    old = folder.with_name(OLD)
    out.rename(old)
    try:
        folder.rename(out)
    except BaseException:
        old.rename(out)
        raise


def _zip(folder: Path, files: list[Path], target: Path) -> None:
    with target.open("wb") as out:
        archive = ZipWriter(out)
        for path in files:
            name, size = path.relative_to(folder).as_posix(), path.stat().st_size
            with path.open("rb") as source:
                archive.add(name, source, size=size)
        archive.finish()
