"""XLSX: a sheet for each table, codes as text, numbers and dates as such, rows never in memory.

Sheets with data come first, because programs read the first one; after them `About` says what
they hold and what was split or cut, and `Dictionary` explains their columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from exports.names import file_name
from exports.pieces import spool
from exports.tables import Dataset, Table
from exports.writers.xlsx_about import about_table, dictionary_table, own_names
from exports.writers.xlsx_book import Book
from exports.writers.xlsx_long import write_long_texts
from exports.writers.xlsx_naming import NamedSheet, name_sheets
from exports.writers.xlsx_sheets import TableSheets


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """One workbook, `{form}.xlsx`; beside it, where a cell cannot hold a text, a CSV that does."""
    path = folder / f"{file_name(dataset.name)}.xlsx"
    with spool(folder) as new_file:
        book = Book(dataset.title, dataset.tz)
        begin = partial(TableSheets, new_file, book.look, language=dataset.language)
        tables = _write_data(dataset, begin)
        data = name_sheets(tables)
        own = _explain(dataset, data, tables, begin)
        for named in (*data, *name_sheets(own, taken=data)):
            book.add(named.name, named.sheet)
        with path.open("wb") as out:
            book.write(out)
        return [path, *write_long_texts([t.long_texts for t in (*tables, *own)], path)]


def _write_data(dataset: Dataset, begin: Callable[..., TableSheets]) -> list[TableSheets]:
    tables = [begin(head, name=head.name or dataset.name) for head in dataset.heads]
    for batch in dataset.batches():
        _write_batch(tables, batch)
        del batch  # or it would be held while the next is read
    for sheets in tables:
        sheets.finish()
    return tables


def _write_batch(tables: Sequence[TableSheets], batch: Sequence[Table]) -> None:
    for sheets, table in zip(tables, batch, strict=True):
        sheets.write(table.frame)


def _explain(
    dataset: Dataset,
    data: Sequence[NamedSheet],
    tables: Sequence[TableSheets],
    begin: Callable[..., TableSheets],
) -> list[TableSheets]:
    """The two sheets about the others."""

    def written(table: Table, name: str) -> TableSheets:
        sheets = begin(table.head, name=name)
        sheets.write(table.frame)
        sheets.finish()
        return sheets

    about, dictionary = own_names(dataset.language)
    long_texts = sum(sheets.long_texts.count for sheets in tables)
    return [
        written(about_table(dataset, data, long_texts=long_texts), about),
        written(dictionary_table(data, dataset.language), dictionary),
    ]
