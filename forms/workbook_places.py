"""Find the cell that a message of pyxform or a problem of the XForm is about.

pyxform names a row at best, often nothing (pyxform-errors.md); the XForm knows nodes only.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from .blocks import Entry, Outline
from .errors import Problem
from .evaluation import RuleKind, UnsupportedRule
from .logic import LogicProblem
from .worksheets import Sheet, Worksheets

_TWOFOLD = re.compile(r"The name '([^']*)' appears more than once")
_NO_TRANSLATION = re.compile(
    r"Language '(?P<language>[^']*)' is missing the (?P<sheet>\w+) (?P<column>\w+) column"
)
_PYXFORM = "workbook.pyxform"
_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '([^']+)' sheet")
_COLUMN = re.compile(r"the '([^']+)' value\b")
_ELEMENT = re.compile(r"survey element named '([^']*)'")
_LANGUAGES = re.compile(r"language declarations do not contain")
_UNKNOWN_TYPE = re.compile(r"Unknown question type '([^']*)'")
_COLUMN_OF = {
    RuleKind.RELEVANT: "relevant",
    RuleKind.REQUIRED: "required",
    RuleKind.READONLY: "read_only",
    RuleKind.CONSTRAINT: "constraint",
    RuleKind.CALCULATE: "calculation",
    RuleKind.CHOICES: "choice_filter",
    RuleKind.COUNT: "repeat_count",
}
_HINTS = {
    "List name not in": "type",
    "Unmatched '": "type",
    "no type": "type",
    "no name": "name",
    "File name for": "type",
}


def is_false_alarm(message: str, sheets: Worksheets) -> bool:
    """Pyxform reads `label:English` as a translation, but looks for `label::English` then."""
    match = _NO_TRANSLATION.search(message)
    sheet = sheets.find(match["sheet"]) if match else None
    if match is None or sheet is None:
        return False
    single = f"{match['column']}:{match['language']}".replace(" ", "")
    return any((header or "").replace(" ", "") == single for header in sheet.headers)


def locate(
    message: str,
    sheets: Worksheets,
    outline: Outline,
    severity: Literal["error", "warning"] = "error",
) -> Problem:
    """Turn one message into a Problem with sheet, row and column letter where they are known."""
    row = int(match.group(1)) if (match := _ROW.search(message)) else None
    sheet_name = match.group(1) if (match := _SHEET.search(message)) else None
    column = match.group(1) if (match := _COLUMN.search(message)) else _hinted(message)
    if row is None and (entry := _entry(message, outline)):
        row, column = entry.number, "label" if _ELEMENT.search(message) else "type"
    if _LANGUAGES.search(message):
        row, column = 1, "label"
    sheet = sheets.find(sheet_name or "survey") if row or sheet_name else None
    reason = _ROW.sub("", message).strip()
    code, details = _code(reason)
    if sheet is None:
        return Problem(code, details, severity, sheet=sheet_name, row=row)
    letter = sheet.letter(column) if column and row else None
    return Problem(code, details, severity, sheet.name, row, letter)


def _code(said: str) -> tuple[str, dict[str, object]]:
    """The messages that we say in our own words, and pyxform's own for the rest."""
    if "Reference variables must start with" in said:
        return "survey.open_reference", {}
    if match := _TWOFOLD.search(said):
        return "survey.twofold_reference", {"name": match[1]}
    if match := _NO_TRANSLATION.search(said):
        return "language.no_column", match.groupdict()
    return _PYXFORM, {"said": said}


def place_logic(problem: LogicProblem, sheets: Worksheets, outline: Outline) -> Problem:
    """The cell of an expression: the row of its node, the column of its kind."""
    severity: Literal["error", "warning"] = "error" if problem.is_error else "warning"
    logic = problem.logic
    entry = _find_entry(logic.context, outline)
    if entry is None:
        place = f"{logic.context}, {logic.column}".lstrip(", ")
        return Problem(
            problem.code, problem.details, severity, node=place, suggestion=problem.suggestion
        )
    column = _written_column(sheets.survey, entry, logic.column)
    return sheets.survey.problem(
        problem.code,
        entry.number,
        column,
        problem.details,
        severity=severity,
        suggestion=problem.suggestion,
    )


def place_unsupported(
    rules: Iterable[UnsupportedRule], sheets: Worksheets, outline: Outline, known: list[Problem]
) -> Iterator[Problem]:
    """Rules that this server cannot check again; not where more is wrong with them."""
    told = {(p.sheet, p.row, p.column) for p in known}
    for rule in rules:
        entry = outline.find(rule.path)
        about = {**rule.about, "kind": rule.kind, "name": rule.path.rpartition("/")[2]}
        if entry is None:
            continue
        column = _written_column(sheets.survey, entry, _COLUMN_OF[rule.kind])
        problem = sheets.survey.problem(
            "logic.not_evaluated", entry.number, column, about, severity="warning"
        )
        if (problem.sheet, problem.row, problem.column) not in told:
            yield problem


def place_setting(problem: Problem, sheets: Worksheets) -> Problem:
    """A problem of the settings bears its column's name in place of the letter."""
    if problem.sheet != "settings" or problem.column is None:
        return problem
    letter = sheets.settings.letter(problem.column)
    return dataclasses.replace(problem, row=2 if letter else None, column=letter)


def _hinted(message: str) -> str | None:
    return next((column for words, column in _HINTS.items() if words in message), None)


def _entry(message: str, outline: Outline) -> Entry | None:
    if match := _ELEMENT.search(message):
        return next(outline.named(match.group(1)), None)
    if match := _UNKNOWN_TYPE.search(message):
        return next((e for e in outline.entries if e.type == match.group(1)), None)
    return None


def _find_entry(context: str, outline: Outline) -> Entry | None:
    """By path, else by name: pyxform adds nodes, such as the count of a repeat."""
    path = "/" + "/".join(context.split("/")[2:])
    name = context.rpartition("/")[2]
    found = outline.find(path) or next(outline.named(name), None)
    return found or next(outline.named(name.removesuffix("_count")), None)


def _written_column(survey: Sheet, entry: Entry, column: str) -> str:
    """A calculated count of a repeat stands in repeat_count, a calculated default in default."""
    others = ("repeat_count", "default", "calculation") if column == "calculation" else ()
    written = (c for c in (column, *others) if survey.value(entry.row, c))
    return next(written, column)
