"""The first of the two passes: how many rows have what in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from exports.deidentifying.anonymity import Class
from exports.deidentifying.grids import CellCounts, count_cells
from exports.deidentifying.links import Links
from exports.deidentifying.masking import MaskedTable
from exports.deidentifying.persons import MaskedRows, read_rows
from exports.tables import Dataset, Table


@dataclass(frozen=True, slots=True)
class Counted:
    """Of each table the rows by class, and for each position of it those by cell; of each part the
    submissions by place.
    """

    classes: Sequence[Counter[Class]]
    cells: Sequence[Sequence[CellCounts]]
    places: Sequence[Counter[str]]


def count_rows(parts: Sequence[Dataset], tables: Sequence[MaskedTable]) -> Counted:
    counted = Counted(
        [Counter() for _ in tables],
        [[Counter() for _ in masked.positions()] for masked in tables],
        [Counter() for _ in parts],
    )
    for part, places in zip(parts, counted.places, strict=True):
        for batch in part.batches():
            _count_batch(batch, part.language, tables, counted, places)
    return counted


def _count_batch(
    batch: Sequence[Table],
    language: str,
    tables: Sequence[MaskedTable],
    counted: Counted,
    places: Counter[str],
) -> None:
    links = Links()
    for number, table in enumerate(batch):
        rows = read_rows(tables[number], table, links, language)
        _count_table(rows, counted.classes[number], counted.cells[number])
        if not table.head.name:
            places.update(dict(rows.classes.group_by("place").len().iter_rows()))


def _count_table(rows: MaskedRows, classes: Counter[Class], cells: Sequence[CellCounts]) -> None:
    if rows.masked.is_of_persons:
        for *values, number in rows.classes.group_by(Class._fields).len().iter_rows():
            classes[Class(*values)] += number
    for counts, found in zip(cells, rows.positions, strict=True):
        count_cells(counts, found)
