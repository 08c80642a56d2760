"""An export by commune: one file or folder for each, and `_index.csv` with the counts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
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
    """Write every part; a format of one file gives a file a part, one of several a folder."""
    index: list[Sequence[str]] = [("code", "name", "edition", "submissions", "path")]
    suffix = format_.suffix if format_.is_single else ""
    for part in parts:
        place = write_part(part, folder, partial(format_.write, part.dataset), suffix=suffix)
        index.append((part.code, part.name, part.edition, str(part.count), place))
    write_index(index, folder)


def write_index(rows: Iterable[Sequence[str]], folder: Path) -> None:
    with (folder / INDEX).open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([neutralise_text(cell) for cell in row] for row in rows)


def write_part(
    part: Part, folder: Path, write: Callable[[Path], list[Path]], *, suffix: str
) -> str:
    """Write into a folder of the part's name, and return the name.

    With a `suffix` it becomes one file, and what came with it stands beside it, under a name like
    its own.
    """
    own = folder / part.file_name
    own.mkdir()
    paths = write(own)
    if not suffix or not paths:
        return own.name
    main, *sides = paths
    single = f"{own.name}.{suffix}"
    main.rename(folder / single)
    for side in sides:
        side.rename(folder / name_beside(side.name, main.name, single))
    own.rmdir()
    return single
