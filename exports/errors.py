"""What this library refuses.

ExportsError
├── FileInTheWay    something else stands where a file or folder must go
├── FolderTaken     the folder holds what no earlier run of the same export wrote
├── PlaceBusy       another export is being written to the same place
└── TableTooLarge   the format is made in memory, and the table does not fit
"""

from __future__ import annotations

from pathlib import Path


class ExportsError(Exception):
    """Something this library does not write; `path` is the place."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class FileInTheWay(ExportsError):
    """A folder stands where a file must go, or a file where a folder must go."""


class FolderTaken(ExportsError):
    """`path` is the first thing in the folder that must not be touched."""


class PlaceBusy(ExportsError):
    """Whoever writes there has not finished."""


class TableTooLarge(ExportsError):
    """The table of the file `path` is more than a format holds that is made in memory.

    Choose fewer submissions, files by commune, or Parquet, which has no such end.
    """

    def __init__(self, path: Path, *, max_rows: int, max_bytes: int) -> None:
        super().__init__(path)
        self.max_rows = max_rows
        self.max_bytes = max_bytes
