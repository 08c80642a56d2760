"""Put an export where it was asked for, whole or not at all: a ZIP, a folder or a single file."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ZIP64 = 1_900_000_000


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder beside `out` to write into; it is gone afterwards."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
        folder = Path(name) / "files"
        folder.mkdir()
        yield folder


def deliver(folder: Path, out: Path) -> None:
    """Move what was written to `out`: its suffix decides between ZIP, single file and folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if out.suffix == ".zip":
        packed = folder.with_name("packed.zip")
        _zip(folder, files, packed)
        packed.replace(out)
    elif len(files) == 1 and out.suffix and out.suffix == files[0].suffix:
        files[0].replace(out)
    else:
        _deliver_folder(folder, out)


def _deliver_folder(folder: Path, out: Path) -> None:
    out.mkdir(exist_ok=True)
    for path in sorted(folder.iterdir()):
        target = out / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)


def _zip(folder: Path, files: list[Path], target: Path) -> None:
    # The fastest level: text shrinks to a tenth either way. A member opened by name bears the
    # date 1980-01-01 instead of the clock's: same scope, same bytes.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in files:
            name = path.relative_to(folder).as_posix()
            large = path.stat().st_size > _ZIP64
            with path.open("rb") as source, archive.open(name, "w", force_zip64=large) as out:
                shutil.copyfileobj(source, out, 1 << 20)
