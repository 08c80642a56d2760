"""Write a commune's workbook: cover, the form's tables, what to check, what is due, dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exports.names import file_name
from exports.pieces import NewFile, spool
from exports.tables import Table
from exports.workbooks.arrangements import Arranged, arrange
from exports.workbooks.contents import CommuneBook, Tally
from exports.workbooks.covers import make_cover
from exports.workbooks.listings import due_sheet, findings_sheet
from exports.workbooks.pages import write_cover
from exports.workbooks.plans import PLANS, find_children
from exports.workbooks.printing import set_page, set_up
from exports.workbooks.slips import find_slips
from exports.workbooks.texts import say
from exports.workbooks.whole_tables import WholeTable, gather
from exports.writers.xlsx_about import dictionary_table
from exports.writers.xlsx_book import Book
from exports.writers.xlsx_cells import Styles
from exports.writers.xlsx_long import LongTexts, write_long_texts
from exports.writers.xlsx_naming import NamedSheet, name_sheets
from exports.writers.xlsx_sheets import TableSheets
from forms.checking import Severity

_OVERDUE = {"font_color": "#C00000", "bold": True}
_IS_OVERDUE = "=AND(ISNUMBER($B2),$B2+IF(ISNUMBER($C2),$C2,1)<NOW())"
"""By the day's end where there is no time of day."""
_DUE_AT = (1, 2)


def write_workbook(book: CommuneBook, folder: Path) -> tuple[list[Path], Tally]:
    """The files, the workbook first, and what it holds; the whole commune is in memory."""
    path = folder / f"{file_name(book.dataset.name)}.xlsx"
    tables = gather(book.dataset)
    with spool(folder) as new_file:
        writer = _Writer(book, tables, new_file)
        long_texts = writer.write(path)
        return [path, *write_long_texts(long_texts, path)], writer.tally


@dataclass(frozen=True, slots=True)
class _Made:
    """The sheets of one table, and how wide their printed columns are."""

    table: TableSheets
    widths: Sequence[int]


class _Writer:
    """Sheets with rows first, then the cover before them, which counts what was written."""

    def __init__(self, book: CommuneBook, tables: Sequence[WholeTable], new_file: NewFile) -> None:
        self.tally = _tally(book, tables)
        self._book = book
        self._language = book.dataset.language
        self._tables = tables
        self._new_file = new_file
        self._plans = PLANS.get(book.dataset.name, {})
        self._slips = find_slips(tables[0], book, self._plans.get(""))
        self._made = Book(book.dataset.title, book.dataset.tz, Styles.of_print)

    def write(self, path: Path) -> list[LongTexts]:
        data = [self._begin(a, self._say("no_rows")) for a in self._arranged()]
        findings = self._findings()
        due = self._begin(due_sheet(self._book), self._say(_no_due(self._book)))
        cover = self._say("cover")
        written = [*data, findings, due]
        named = name_sheets([made.table for made in written], reserved=[cover])
        of_data = sum(len(made.table.sheets) for made in data)
        dictionary = self._begin(self._dictionary(named[:of_data]), "")
        named += name_sheets([dictionary.table], taken=named, reserved=[cover])
        written.append(dictionary)
        long_texts = [made.table.long_texts for made in written]
        self._add_cover(cover, sum(texts.count for texts in long_texts))
        self._add_sheets(named, [made.widths for made in written for _ in made.table.sheets])
        if self._book.due:
            self._mark_overdue(named, due.table)
        with path.open("wb") as out:
            self._made.write(out)
        return long_texts

    def _arranged(self) -> Iterator[Arranged]:
        for table in self._tables:
            plan = self._plans.get(table.head.name)
            name = self._say(plan.sheet) if plan else self._book.name_table(table.head.name)
            yield arrange(table, name, plan, self._book, self._slips)

    def _findings(self) -> _Made:
        sheet = findings_sheet(self._book, self._tables, self._plans, self._slips)
        return self._begin(sheet, self._say("no_findings"))

    def _begin(self, arranged: Arranged, notice: str) -> _Made:
        """Write the rows, or that there are none."""
        widths, head = arranged.widths(), arranged.head
        printed = zip(head.columns[1:], widths[1:], strict=False)
        wraps = {column.heading: width for column, width in printed}
        look = replace(self._made.look, wraps=wraps)
        table = TableSheets(self._new_file, look, head, name=head.name, language=self._language)
        frame = arranged.frame
        if not frame.height:
            frame = Table.of(head, [[notice, *[None] * (len(head.columns) - 1)]]).frame
        table.write(frame)
        table.finish()
        return _Made(table, widths)

    def _dictionary(self, named: Sequence[NamedSheet]) -> Arranged:
        table = dictionary_table(named, self._language)
        head = replace(table.head, name=self._say("dictionary"))
        return Arranged(head, table.frame, len(head.columns))

    def _add_cover(self, name: str, long_texts: int) -> None:
        book = self._book
        page = self._made.workbook.add_worksheet(name)
        cover = make_cover(book, self._tables, self._slips, self.tally, long_texts=long_texts)
        pages = write_cover(self._made, page, cover)
        set_page(page, book.commune, book.dataset.title, self._language, pages=pages)

    def _add_sheets(self, named: Sequence[NamedSheet], widths: Sequence[Sequence[int]]) -> None:
        for sheet, of_sheet in zip(named, widths, strict=True):
            page = self._made.add(sheet.name, sheet.sheet)
            set_page(page, self._book.commune, self._book.dataset.title, self._language)
            set_up(page, sheet.sheet, of_sheet)

    def _mark_overdue(self, named: Sequence[NamedSheet], due: TableSheets) -> None:
        """By the clock of whoever opens it, not of the moment when it was written."""
        look = self._made.workbook.add_format(_OVERDUE)
        rule = {"type": "formula", "criteria": _IS_OVERDUE, "format": look}
        for sheet in named:
            if sheet.sheet in due.sheets:
                page: Any = self._made.workbook.get_worksheet_by_name(sheet.name)
                page.conditional_format(1, _DUE_AT[0], sheet.sheet.height - 1, _DUE_AT[1], rule)

    def _say(self, name: str) -> str:
        return say(name, self._language)


def _no_due(book: CommuneBook) -> str:
    """The name of what stands in the sheet where nothing is due."""
    return "due_elsewhere" if book.due is None else book.due_note or "no_due"


def _tally(book: CommuneBook, tables: Sequence[WholeTable]) -> Tally:
    children = find_children(book.dataset.name, (table.head.name for table in tables))
    asking = {n.instance_id for n in book.noted if n.severity is not Severity.INFORMATION}
    return Tally(
        submissions=tables[0].frame.height,
        children=None if children is None else tables[children].frame.height,
        findings=len(book.noted),
        flagged=len(asking),
        due=None if book.due_note == "due_not_allowed" else len(book.due or ()),
    )
