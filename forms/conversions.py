"""Convert with pyxform, and go on after its first error, so that every problem is listed.

pyxform stops at its first error. The row that it names is made harmless and it is asked again;
what comes out is only used if nothing had to be made harmless.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData
from pyxform.xls2xform import ConvertResult, convert

from .blocks import Outline
from .comparisons import compare_by_identity_first
from .errors import Problem
from .workbook_places import is_false_alarm, locate
from .worksheets import Sheet, Worksheets

compare_by_identity_first()

MAX_ATTEMPTS = 30
CONVERTER_FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError)
"""What pyxform and openpyxl raise on input that no spreadsheet editor writes."""
_LOST_NAME = re.compile(r"Could not find the name '([^']*)'")


@dataclass(slots=True)
class Conversion:
    """What pyxform made, of the rows that it could read, and what it said."""

    result: ConvertResult | None = None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def convert_sheets(
    data: DefinitionData, sheets: Worksheets, outline: Outline, known: list[Problem]
) -> Conversion:
    """Convert what is left beside the rows of the problems known already."""
    rest = _Rest(data, sheets, outline)
    conversion = Conversion()
    for problem in known:
        rest.make_harmless(problem)
    for _ in range(MAX_ATTEMPTS):
        said: list[str] = []
        try:
            conversion.result = _convert(data, said)
        except PyXFormError as error:
            problem = locate(str(error), sheets, outline)
            if not rest.is_lost(str(error)):
                conversion.problems.append(problem)
            if rest.make_harmless(problem):
                continue
        heard = (text for text in said if not is_false_alarm(text, sheets))
        found = (locate(text, sheets, outline, "warning") for text in heard)
        conversion.warnings = [w for w in found if (w.sheet, w.row) not in rest.harmless]
        break
    return conversion


def _convert(data: DefinitionData, said: list[str]) -> ConvertResult:
    try:
        return convert(dataclasses.asdict(data), warnings=said)
    except CONVERTER_FAULTS as error:
        reason = f"The workbook cannot be converted ({type(error).__name__}: {error})."
        raise PyXFormError(reason) from error


class _Rest:
    """The sheets as pyxform sees them; rows with errors become calculations of nothing."""

    def __init__(self, data: DefinitionData, sheets: Worksheets, outline: Outline) -> None:
        self._data = data
        self._sheets = sheets
        self._entries = {entry.number: entry for entry in outline.entries}
        self._names = [entry.name for entry in outline.entries]
        self._lost: set[str] = set()
        self.harmless: set[tuple[str | None, int | None]] = set()

    def is_lost(self, message: str) -> bool:
        """True if pyxform misses a name only because its row was made harmless."""
        match = _LOST_NAME.search(message)
        return match is not None and match.group(1) in self._lost

    def make_harmless(self, problem: Problem) -> bool:
        """Replace the row of an error; False where there is none, or it was replaced before."""
        key = (problem.sheet, problem.row)
        if problem.severity == "warning" or problem.row is None or key in self.harmless:
            return False
        index = problem.row - 2
        rows = list(getattr(self._data, problem.sheet or "", None) or ())
        if not 0 <= index < len(rows):
            return False
        self.harmless.add(key)
        rows[index] = self._harmless_row(problem.sheet, problem.row)
        setattr(self._data, problem.sheet or "", rows)
        return True

    def _harmless_row(self, sheet: str | None, number: int) -> dict[str, str]:
        entry = self._entries.get(number)
        if sheet != "survey" or entry is None:
            return {}
        survey = self._sheets.survey
        name = entry.name
        if not name.isidentifier() or self._names.count(name) > 1:
            self._lost.add(name)
            name = f"phieu_row_{number}"
        named = {_header(survey, "name"): name}
        if entry.block:
            return entry.row | named
        for header in self._data.survey_header or ():
            header.setdefault(_header(survey, "calculation"), None)
        kept = {_header(survey, "type"): "calculate", _header(survey, "calculation"): "''"}
        return kept | named


def _header(sheet: Sheet, column: str) -> str:
    return next(iter(sheet.columns(column)), column)
