"""A workbook as it lies in the file: its sheets, their first rows, which cells are numbers."""

from __future__ import annotations

import difflib
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import openpyxl

_WORDS = {
    "survey": ("khảo sát", "khao sat", "câu hỏi", "cau hoi", "phiếu", "questions"),
    "choices": ("lựa chọn", "lua chon", "danh mục", "danh muc", "đáp án", "options"),
}


@dataclass(frozen=True, slots=True)
class Book:
    """By the sheets' names in small letters; a gap between columns is None and counts."""

    titles: tuple[str, ...] = ()
    headings: Mapping[str, list[str | None]] = field(default_factory=dict)
    numbers: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def names(self) -> str:
        return ", ".join(self.titles)

    def nearest(self, sheet: str) -> str:
        """The sheet that was probably meant, under another name."""
        for title in self.titles:
            if normalise(title.strip().lower()) in _WORDS.get(sheet, ()):
                return title
        lower = {title.lower(): title for title in self.titles}
        close = difflib.get_close_matches(sheet, lower, 1, 0.7)
        return lower[close[0]] if close else ""


def read_book(xlsx: bytes) -> Book:
    book = openpyxl.load_workbook(io.BytesIO(xlsx), read_only=True, data_only=True)
    headings: dict[str, list[str | None]] = {}
    numbers: dict[str, frozenset[str]] = {}
    try:
        for sheet in book.worksheets:
            name = sheet.title.lower()
            for row in sheet.iter_rows(max_row=1, values_only=True):
                headings[name] = [_heading(cell) for cell in row]
            if name == "choices":
                numbers[name] = frozenset(
                    cell.coordinate
                    for row in sheet.iter_rows(min_row=2)
                    for cell in row
                    if isinstance(cell.value, int | float)
                )
        return Book(tuple(book.sheetnames), headings, numbers)
    finally:
        book.close()


def normalise(value: Any) -> Any:
    """Text as NFC, so that a name typed on a Mac finds the same name typed elsewhere; no-break
    spaces are blanks, and blanks at the ends are nothing.
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).replace("\u00a0", " ").strip(" ")
    if isinstance(value, dict):
        return {normalise(k): normalise(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [normalise(v) for v in value]
    return value


def _heading(cell: Any) -> str | None:
    return normalise(" ".join(str(cell).split())) if cell is not None else None
