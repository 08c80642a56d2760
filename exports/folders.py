"""Whose a folder is: an export's own list of the files that it wrote tells it from all others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from exports.errors import FolderTaken

LIST = ".phieu-export.json"


def write_list(folder: Path, files: Sequence[Path], export: str) -> None:
    names = [path.relative_to(folder).as_posix() for path in files]
    content = {"export": export, "files": names}
    (folder / LIST).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def require_ours(folder: Path, export: str) -> None:
    """Raise FolderTaken unless all that the folder holds was written by this export."""
    for path in _foreign(folder, export):
        raise FolderTaken(path)


def _foreign(folder: Path, export: str) -> Iterator[Path]:
    files = _listed(folder, export)
    folders = {folder / parent for name in files for parent in Path(name).parents}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_known = path in folders if path.is_dir() else name in files
        if path.is_symlink() or not is_known:
            yield path


def _listed(folder: Path, export: str) -> set[str]:
    """The files that an earlier run wrote; none if it was another export."""
    try:
        content = json.loads((folder / LIST).read_text(encoding="utf-8"))
        is_same = content["export"] == export
        return {LIST, *map(str, content["files"])} if is_same else set()
    except (OSError, ValueError, TypeError, KeyError):
        return set()
