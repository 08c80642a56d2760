"""Give a workbook back with its faulty cells coloured, and what is wrong as comments."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from forms.errors import Problem

SUMMARY = "phieu"
_AUTHOR = "Phiếu"
_FILLS = {
    "error": PatternFill("solid", start_color="F4B6B0", end_color="F4B6B0"),
    "warning": PatternFill("solid", start_color="FBE3A1", end_color="FBE3A1"),
}
_HEADINGS = {
    "vi": ("Mức", "Ô", "Điều cần sửa"),
    "en": ("Severity", "Cell", "What to mend"),
}
_SEVERITIES = {
    "vi": {"error": "lỗi", "warning": "cảnh báo"},
    "en": {"error": "error", "warning": "warning"},
}


def annotate(xlsx: bytes, problems: Sequence[Problem], language: str) -> bytes:
    """The workbook with colours, comments and a first sheet that lists all; else as it was."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx))
    sheets = {sheet.title.lower(): sheet for sheet in book.worksheets}
    for problem in problems:
        sheet = sheets.get((problem.sheet or "").lower())
        if sheet is not None and problem.cell is not None:
            _mark(sheet, problem, language)
    _list(book, problems, language)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _mark(sheet: Worksheet, problem: Problem, language: str) -> None:
    cell = sheet[problem.cell]
    if cell.fill != _FILLS["error"]:
        cell.fill = _FILLS[problem.severity]
    said = "\n".join(_said([problem], language))
    if cell.comment is not None:
        said = f"{cell.comment.text}\n{said}"
    comment = Comment(said, _AUTHOR)
    comment.width, comment.height = 360, 40 + 20 * (len(said) // 45 + 1)
    cell.comment = comment


def _said(problems: Iterable[Problem], language: str) -> Iterable[str]:
    """Without the place: the cell is there to be seen."""
    for problem in problems:
        text = problem.text(language)
        place = f"{problem.place}: "
        yield text.removeprefix(place) if problem.place else text


def _list(book: Workbook, problems: Sequence[Problem], language: str) -> None:
    if SUMMARY in book.sheetnames:
        del book[SUMMARY]
    sheet = book.create_sheet(SUMMARY, 0)
    sheet.append(_HEADINGS[language])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, (problem, said) in enumerate(
        zip(problems, _said(problems, language), strict=True), start=2
    ):
        sheet.append((_SEVERITIES[language][problem.severity], problem.place, said))
        sheet.cell(number, 1).fill = _FILLS[problem.severity]
        sheet.cell(number, 3).alignment = Alignment(wrap_text=True, vertical="top")
        if problem.sheet and problem.cell:
            title = next((t for t in book.sheetnames if t.lower() == problem.sheet), "")
            if title:
                sheet.cell(number, 2).hyperlink = f"#'{title}'!{problem.cell}"
    for letter, width in (("A", 12), ("B", 18), ("C", 100)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    book.active = 0
