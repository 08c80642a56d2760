"""The cover as a sheet: lines of text and figures, and a table of villages."""

from __future__ import annotations

import textwrap
from typing import Any

from exports.workbooks.covers import Cover
from exports.writers.xlsx_book import Book

_WIDTHS = (34, 16, 16, 16, 46)
_CHARACTERS = 92
_ROWS_OF_PAGE = 42  # when made smaller, of which 8 points are left
_LINES = {"border": 1, "border_color": "#BFBFBF"}
_HEADING = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center"}


def write_cover(book: Book, made: Any, cover: Cover) -> int:
    """Return on how many pages it is printed, 0 for as many as it takes."""
    looks = {
        "title": {"bold": True, "font_size": 18},
        "subtitle": {"bold": True, "font_size": 14, "font_color": "#1F4E79"},
        "notice": {"bold": True, "font_color": "#C00000"},
        "name": {"bold": True, "valign": "top"},
        "text": {"num_format": "@"},
        "figure": {"num_format": "#,##0", "align": "left"},
        "heading": {**_HEADING, **_LINES, "bg_color": "#DDEBF7"},
        "village": {**_LINES, "num_format": "@"},
        "count": {**_LINES, "num_format": "#,##0"},
    }
    page = _Page(made, {name: book.workbook.add_format(look) for name, look in looks.items()})
    return page.write(cover)


class _Page:
    """Goes down the sheet. Long text is written in several rows, for none grows by itself."""

    def __init__(self, made: Any, looks: dict[str, Any]) -> None:
        self._made = made
        self._looks = looks
        self._at = 0

    def write(self, cover: Cover) -> int:
        for i, width in enumerate(_WIDTHS):
            self._made.set_column(i, i, width)
        self._made.hide_gridlines(2)
        self._text(0, cover.title, "title")
        self._text(0, cover.subtitle, "subtitle")
        if cover.notice:
            self._text(0, cover.notice, "notice")
        self._at += 1
        for name, content in cover.lines:
            self._line(name, content)
        for name, texts in cover.notes:
            self._at += 1
            self._paragraphs(name, [f"• {text}" for text in texts])
        if cover.villages:
            self._at += 1
            self._villages(cover)
        self._made.print_area(0, 0, self._at, len(_WIDTHS) - 1)
        return 1 if self._at <= _ROWS_OF_PAGE else 0

    def _text(self, column: int, text: str, look: str) -> None:
        self._made.write_string(self._at, column, text, self._looks[look])
        self._at += 1

    def _line(self, name: str, content: str | int) -> None:
        if isinstance(content, int):
            self._made.write_string(self._at, 0, name, self._looks["name"])
            self._made.write_number(self._at, 1, content, self._looks["figure"])
            self._at += 1
        else:
            self._paragraphs(name, [content])

    def _paragraphs(self, name: str, texts: list[str]) -> None:
        self._made.write_string(self._at, 0, name, self._looks["name"])
        for text in texts:
            for line in textwrap.wrap(text, _CHARACTERS, subsequent_indent="") or [""]:
                self._text(1, line, "text")

    def _villages(self, cover: Cover) -> None:
        for i, heading in enumerate(cover.village_heading):
            self._made.write_string(self._at, i, heading, self._looks["heading"])
        self._made.set_row(self._at, 46)
        self._at += 1
        has_children = len(cover.village_heading) == 4
        for village, submissions, children, findings in cover.villages:
            counts = [submissions, *([children] if has_children else []), findings]
            self._made.write_string(self._at, 0, village, self._looks["village"])
            for i, count in enumerate(counts, 1):
                self._made.write_number(self._at, i, count, self._looks["count"])
            self._at += 1
