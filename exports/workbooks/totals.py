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
_NAMES = ("number", "edition", "commune_code", "commune_name", "submissions", "count_children")
_COUNTS = ("findings", "flagged", "count_due")
_WIDTHS = (6, 14, 10, 34, 12, 12, 12, 14, 12, 42)
_DUE_AT = 8
_LINES = {"border": 1, "border_color": "#BFBFBF"}
_HEADING = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center"}

Row = tuple[Commune, Tally, str]
"""A commune, what its workbook holds, and the workbook's file."""


def write_total(
    rows: Sequence[Row],
    path: Path,
    *,
    title: str,
    language: str,
    tz: tzinfo,
    knows_due: bool = True,
) -> None:
    """Without `knows_due` nobody may say how much is due."""
    book = Book(title, tz)
    page = book.workbook.add_worksheet(say("total", language))
    looks = {
        "heading": book.workbook.add_format({**_HEADING, **_LINES, "bg_color": "#DDEBF7"}),
        "text": book.workbook.add_format({**_LINES, "num_format": "@"}),
        "count": book.workbook.add_format({**_LINES, "num_format": "#,##0"}),
        "total": book.workbook.add_format({**_LINES, "num_format": "#,##0", "bold": True}),
    }
    for i, (name, width) in enumerate(zip((*_NAMES, *_COUNTS, "file"), _WIDTHS, strict=True)):
        page.set_column(i, i, width)
        page.write_string(0, i, say(name, language), looks["heading"])
    total = Tally()
    for number, (commune, tally, file) in enumerate(rows, 1):
        name = commune.name or say("unknown", language)
        texts = (commune.edition, commune.code, name)
        _write_row(page, number, texts, tally, file, looks["text"], looks["count"])
        page.write_number(number, 0, number, looks["count"])
        total += tally
    last = len(rows) + 1
    _write_row(page, last, ("", "", say("all", language)), total, "", *[looks["total"]] * 2)
    page.write_string(last, 0, "", looks["total"])
    if not knows_due:
        for at in range(1, last + 1):
            page.write_string(at, _DUE_AT, NOT_KNOWN, looks["text"])
    page.set_row(0, 48)
    page.freeze_panes(1, 4)
    page.autofilter(0, 0, max(len(rows), 1), len(_WIDTHS) - 1)
    page.repeat_rows(0)
    page.print_area(0, 0, last, len(_WIDTHS) - 1)
    set_page(page, Commune(name=say("total", language)), title, language)
    with path.open("wb") as out:
        book.write(out)


def _write_row(
    page: Any, at: int, texts: Sequence[str], tally: Tally, file: str, text: Any, count: Any
) -> None:
    counts = (tally.submissions, tally.children, tally.findings, tally.flagged, tally.due)
    for i, cell in enumerate(texts, 1):
        page.write_string(at, i, cell, text)
    for i, number in enumerate(counts, 1 + len(texts)):
        page.write_number(at, i, number, count)
    page.write_string(at, 1 + len(texts) + len(counts), file, text)
