"""XLSX: a sheet for each table, codes as text, numbers and dates as such, rows never in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from exports.names import file_name, sheet_names
from exports.tables import Dataset, TableHead
from exports.writers.xlsx_cells import MAX_TEXT, Styles, cell_writer
from exports.writers.xlsx_widths import Widths

MAX_ROWS = 1_048_576
_EPOCH = datetime(2000, 1, 1)  # written in the file instead of the clock: same scope, same bytes


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """One workbook, `{form}.xlsx`; a table longer than a sheet goes on in further sheets."""
    path = folder / f"{file_name(dataset.name)}.xlsx"
    options = {
        "constant_memory": True,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
        "tmpdir": str(folder),  # rows wait on disk: beside the export, in no shared folder
    }
    workbook = xlsxwriter.Workbook(path, options)
    workbook.set_properties({"created": _EPOCH})
    names = sheet_names([head.name or dataset.name for head in dataset.heads])
    styles = Styles.of(workbook, dataset.tz)
    sheets = [_Sheet(workbook, n, h, styles) for n, h in zip(names, dataset.heads, strict=True)]
    for batch in dataset.batches():
        for sheet, table in zip(sheets, batch, strict=True):
            sheet.write_rows(table.frame.rows())
    for sheet in sheets:
        sheet.finish()
    _close(workbook)
    return [path]


def _close(workbook: Any) -> None:
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] from error


class _Sheet:
    """One table's sheet, and further ones when it is full."""

    def __init__(self, workbook: Any, name: str, head: TableHead, styles: Styles) -> None:
        self._workbook = workbook
        self._name = name
        self._head = head
        self._styles = styles
        self._sheets: list[Any] = []
        self._widths = Widths(head.columns)
        self._writers = [cell_writer(column, styles) for column in head.columns]
        self._begin()

    def write_rows(self, rows: Sequence[tuple[str | None, ...]]) -> None:
        self._widths.look_at(rows)
        for row in rows:
            if self._row == MAX_ROWS:
                self._begin()
            sheet = self._sheets[-1]
            for column, (value, write_cell) in enumerate(zip(row, self._writers, strict=True)):
                if value is not None:
                    write_cell(sheet, self._row, column, value)
            self._row += 1

    def finish(self) -> None:
        for sheet in self._sheets:
            for i, width in enumerate(self._widths.found()):
                sheet.set_column(i, i, width)

    def _begin(self) -> None:
        count = len(self._sheets) + 1
        suffix = f"~{count}" if count > 1 else ""
        sheet = self._workbook.add_worksheet(self._name[: 31 - len(suffix)] + suffix)
        sheet.freeze_panes(1, 0)
        for i, column in enumerate(self._head.columns):
            sheet.write_string(0, i, column.heading[:MAX_TEXT], self._styles.heading)
        self._sheets.append(sheet)
        self._row = 1
