"""Find the cell that a message of pyxform is about; it names a row at best, often nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pyxform.xls2json_backends import DefinitionData

from .errors import Problem

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '([^']+)' sheet")
_COLUMN = re.compile(r"the '([^']+)' value is invalid")
_UNKNOWN_TYPE = re.compile(r"Unknown question type '([^']*)'")
_NO_LIST = re.compile(r"List name not in choices sheet")


def locate(message: str, data: DefinitionData) -> Problem:
    """Turn one pyxform message into a Problem with sheet, row and column letter where known."""
    row = int(match.group(1)) if (match := _ROW.search(message)) else None
    sheet = match.group(1) if (match := _SHEET.search(message)) else ("survey" if row else None)
    header = match.group(1) if (match := _COLUMN.search(message)) else None
    if match := _UNKNOWN_TYPE.search(message):
        sheet, header = "survey", "type"
        row = _find_row(data.survey or (), "type", match.group(1))
    elif _NO_LIST.search(message) or "Unmatched '" in message:
        sheet, header = "survey", "type"
    column = _letter(getattr(data, f"{sheet}_header", None), header) if sheet and header else None
    reason = _ROW.sub("", message).strip()
    return Problem("workbook.pyxform", reason, sheet=sheet, row=row, column=column)


def _find_row(rows: Sequence[dict[str, str]], header: str, value: str) -> int | None:
    """Excel's own row number of the first row with that value; the header is row 1."""
    matches = (i for i, row in enumerate(rows, start=2) if str(row.get(header, "")) == value)
    return next(matches, None)


def _letter(headers: Sequence[dict[str, Any]] | None, name: str) -> str | None:
    """The spreadsheet letter of a column, by its header (a translation's too)."""
    keys = [key for row in headers or () for key in row]
    for index, key in enumerate(keys):
        if key == name or key.partition(":")[0].strip() == name:
            return _column_letter(index)
    return None


def _column_letter(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
