"""How a sheet is printed: A4 lying down, one page wide, the headings on each page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exports.workbooks.contents import Commune
from exports.workbooks.texts import say
from exports.writers.xlsx_sheets import Sheet

_A4 = 9
_PAPER = 140
"""Characters side by side on A4 lying down: 8 points high, also in a wider font than Calibri."""
_MOST = 90  # of a header, whose three parts must stay below 255 characters


def fitted(widths: Sequence[int], least: Sequence[int]) -> list[int]:
    """The widths, the widest of them made narrower until all are on one page; text wraps there."""
    found = list(widths)
    for widest in range(max(widths), 0, -1):
        if sum(found) <= _PAPER:
            break
        found = [max(min(width, widest), low) for width, low in zip(widths, least, strict=True)]
    return found


def set_up(made: Any, sheet: Sheet, widths: Sequence[int]) -> None:
    """The first columns, of these widths, are printed; what names a row stays in sight."""
    for i, width in enumerate(widths):
        made.set_column(i, i, width)
    made.freeze_panes(1, min(3, len(widths)))
    made.repeat_rows(0)
    made.print_area(0, 0, sheet.height - 1, len(widths) - 1)


def set_page(made: Any, commune: Commune, title: str, language: str, *, pages: int = 0) -> None:
    """`pages` is how many it is printed on at most, 0 as many as there are."""
    made.set_landscape()
    made.set_paper(_A4)
    made.fit_to_pages(1, pages)
    made.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    known = f"{commune.name} ({commune.code})" if commune.code else commune.name
    name = known or say("unknown", language)
    made.set_header(f"&L{_plain(name)}&R{_plain(title)}")
    made.set_footer(f"&L{_plain(commune.edition)}&C&A&R{say('page', language)} &P/&N")


def _plain(text: str) -> str:
    """Whose `&` begins no code."""
    return " ".join(text.split())[:_MOST].replace("&", "&&")
