"""An export by commune: one file or folder for each, and `_index.csv` with the counts."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from exports.formats import Format
from exports.formulas import neutralise_text
from exports.names import ascii_name, file_name, name_beside
from exports.tables import Dataset

UNKNOWN = "khong-xac-dinh"
INDEX = "_index.csv"


@dataclass(frozen=True, slots=True)
class Part:
    """One commune's share; an empty code for what cannot be told.

    `is_current` is true for a commune of the edition in force: codes and names come again.
    """

    code: str
    name: str
    edition: str
    is_current: bool
    count: int
    dataset: Dataset

    @property
    def file_name(self) -> str:
        """`12472-xa-quynh-phu`; an older edition's says so: `12472-xa-quynh-phu-vn-2024-01`."""
        if not self.code:
            return UNKNOWN
        words = (self.code, ascii_name(self.name), "" if self.is_current else self.edition)
        return file_name("-".join(word for word in words if word))


def write_parts(parts: Iterable[Part], folder: Path, format_: Format) -> None:
    """Write every part; a format of one file gives a file a part, one of several a folder.

    What came with the one file stands beside it, under a name like its own.
    """
    index = [("code", "name", "edition", "submissions", "path")]
    for part in parts:
        place = _write_part(part, folder, format_)
        index.append((part.code, part.name, part.edition, str(part.count), place))
    with (folder / INDEX).open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([neutralise_text(cell) for cell in row] for row in index)


def _write_part(part: Part, folder: Path, format_: Format) -> str:
    own = folder / part.file_name
    own.mkdir()
    paths = format_.write(part.dataset, own)
    if not format_.is_single or not paths:
        return own.name
    main, *sides = paths
    single = f"{own.name}.{format_.suffix}"
    main.rename(folder / single)
    for side in sides:
        side.rename(folder / name_beside(side.name, main.name, single))
    own.rmdir()
    return single
