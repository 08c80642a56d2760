"""What the sheets of a workbook are called: the first of each table first, then further ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exports.names import sheet_names
from exports.writers.xlsx_sheets import Sheet, TableSheets


@dataclass(frozen=True, slots=True)
class NamedSheet:
    """A sheet; `of` is the name of its table's first one."""

    name: str
    of: str
    sheet: Sheet


def name_sheets(
    tables: Sequence[TableSheets],
    taken: Sequence[NamedSheet] = (),
    *,
    reserved: Sequence[str] = (),
) -> list[NamedSheet]:
    """The sheets of each table under names that none of those `taken` or `reserved` has."""
    known = [*reserved, *(named.name for named in taken)]
    firsts = [table.name for table in tables]
    further = [table.name for table in tables for _ in table.sheets[1:]]
    names = iter(sheet_names([*known, *firsts, *further])[len(known) :])
    of = [next(names) for _ in tables]
    return [
        NamedSheet(next(names) if i else first, first, sheet)
        for first, table in zip(of, tables, strict=True)
        for i, sheet in enumerate(table.sheets)
    ]
