"""The workbook about all workbooks: a row for each commune, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from exports.workbooks.contents import Commune, Tally
from exports.workbooks.covers import NOT_KNOWN
from exports.workbooks.printing import set_page
from exports.workbooks.texts import say
from exports.writers.xlsx_book import Book

NAME = "tong-hop.xlsx"
_PLACE = {"number": 5, "edition": 13, "commune_code": 8, "commune_name": 30}
_COUNTS = {"submissions": 9, "count_children": 9, "findings": 10, "flagged": 10, "count_due": 9}
_FILE_WIDTH = 38
_LINES = {"border": 1, "border_color": "#BFBFBF"}
_HEADING = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center"}
_LOOKS = {
    "heading": {**_HEADING, **_LINES, "bg_color": "#DDEBF7"},
    "text": {**_LINES, "num_format": "@"},
    "count": {**_LINES, "num_format": "#,##0"},
    "total": {**_LINES, "num_format": "#,##0", "bold": True},
}

Row = tuple[Commune, Tally, str]
"""A commune, what its workbook holds, and the workbook's file."""


def write_total(rows: Sequence[Row], path: Path, *, title: str, language: str, tz: tzinfo) -> None:
    book = Book(title, tz)
    page = book.workbook.add_worksheet(say("total", language))
    looks = {name: book.workbook.add_format(look) for name, look in _LOOKS.items()}
    total = sum((tally for _, tally, _ in rows), Tally())
    counts = [name for name in _COUNTS if name != "count_children" or total.children is not None]
    widths = [*_PLACE.values(), *(_COUNTS[name] for name in counts), _FILE_WIDTH]
    for i, (name, width) in enumerate(zip((*_PLACE, *counts, "file"), widths, strict=True)):
        page.set_column(i, i, width)
        page.write_string(0, i, say(name, language), looks["heading"])
    for number, (commune, tally, file) in enumerate(rows, 1):
        name = commune.name or say("unknown", language)
        cells = (number, commune.edition, commune.code, name, *_counted(tally, counts), file)
        _write_row(page, number, cells, looks["text"], looks["count"])
    last = len(rows) + 1
    cells = ("", "", "", say("all", language), *_counted(total, counts), "")
    _write_row(page, last, cells, looks["total"], looks["total"])
    page.set_row(0, 64)
    page.freeze_panes(1, len(_PLACE))
    page.autofilter(0, 0, max(len(rows), 1), len(widths) - 1)
    page.repeat_rows(0)
    page.print_area(0, 0, last, len(widths) - 1)
    set_page(page, Commune(name=say("total", language)), title, language)
    with path.open("wb") as out:
        book.write(out)


def _counted(tally: Tally, names: Sequence[str]) -> list[int | str]:
    counts = (tally.submissions, tally.children, tally.findings, tally.flagged, tally.due)
    found = dict(zip(_COUNTS, counts, strict=True))
    return [NOT_KNOWN if (count := found[name]) is None else count for name in names]


def _write_row(page: Any, at: int, cells: Sequence[int | str], text: Any, count: Any) -> None:
    for i, cell in enumerate(cells):
        if isinstance(cell, int):
            page.write_number(at, i, cell, count)
        else:
            page.write_string(at, i, cell, text)
