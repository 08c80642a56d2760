"""XLSX: a sheet for each table, codes as text, numbers and dates as such, rows never in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from exports.names import file_name, sheet_names
from exports.tables import Column, Dataset, TableHead

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
_CUT = "… [32.767]"
_EPOCH = datetime(2000, 1, 1)  # written in the file instead of the clock: same scope, same bytes
# What a cell can hold exactly: no leading zeros, at most 15 digits, no trailing zeros to lose.
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{0,8}[1-9])?")
_DATE = re.compile(r"(19[1-9]\d|2\d{3})-\d\d-\d\d")


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
    styles = _Styles(workbook)
    sheets = [_Sheet(workbook, n, h, styles) for n, h in zip(names, dataset.heads, strict=True)]
    for batch in dataset.batches():
        for sheet, table in zip(sheets, batch, strict=True):
            sheet.write_rows(table.frame.rows())
    _close(workbook)
    return [path]


def _close(workbook: Any) -> None:
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] from error


class _Styles:
    """The cell formats of a workbook."""

    def __init__(self, workbook: Any) -> None:
        self.heading = workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDEBF7"}
        )
        self.text = workbook.add_format({"num_format": "@"})
        self.date = workbook.add_format({"num_format": "dd/mm/yyyy"})
        self.moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})


class _Sheet:
    """One table's sheet, and further ones when it is full."""

    def __init__(self, workbook: Any, name: str, head: TableHead, styles: _Styles) -> None:
        self._workbook = workbook
        self._name = name
        self._head = head
        self._styles = styles
        self._count = 0
        self._writers = [_cell_writer(column, styles) for column in head.columns]
        self._begin()

    def write_rows(self, rows: Sequence[tuple[str | None, ...]]) -> None:
        for row in rows:
            if self._row == MAX_ROWS:
                self._begin()
            for column, (value, write_cell) in enumerate(zip(row, self._writers, strict=True)):
                if value is not None:
                    write_cell(self._sheet, self._row, column, value)
            self._row += 1

    def _begin(self) -> None:
        self._count += 1
        suffix = f"~{self._count}" if self._count > 1 else ""
        self._sheet = self._workbook.add_worksheet(self._name[: 31 - len(suffix)] + suffix)
        self._sheet.freeze_panes(1, 0)
        for i, column in enumerate(self._head.columns):
            self._sheet.set_column(i, i, min(max(len(column.heading), 10), 40))
        for i, column in enumerate(self._head.columns):
            self._sheet.write_string(0, i, column.heading[:MAX_TEXT], self._styles.heading)
        self._row = 1


def _cell_writer(column: Column, styles: _Styles) -> Callable[[Any, int, int, str], None]:
    """How to write a value of that type; what does not fit the type exactly is written as text."""

    def text(sheet: Any, row: int, at: int, value: str) -> None:
        if len(value) > MAX_TEXT:
            value = value[: MAX_TEXT - len(_CUT)] + _CUT
        sheet.write_string(row, at, value, styles.text)

    def number(sheet: Any, row: int, at: int, value: str) -> None:
        if _NUMBER.fullmatch(value):
            sheet.write_number(row, at, float(value))
        else:
            text(sheet, row, at, value)

    def day(sheet: Any, row: int, at: int, value: str) -> None:
        found = _parse_date(value)
        if found is not None:
            sheet.write_datetime(row, at, found, styles.date)
        else:
            text(sheet, row, at, value)

    return {"int": number, "decimal": number, "date": day}.get(column.type, text)


def _parse_date(value: str) -> date | None:
    if not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
