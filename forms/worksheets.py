"""The sheets of a workbook as a designer sees them: numbered rows, lettered columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from .errors import Problem

Row = dict[str, str]

_SPELLINGS = {
    "type": ("command",),
    "name": ("value", "tag"),
    "label": ("caption",),
    "list_name": ("list name",),
    "relevant": ("relevance", "bind::relevant"),
    "calculation": ("calculate", "bind::calculate"),
    "constraint": ("bind::constraint",),
    "required": ("bind::required",),
    "read_only": ("readonly", "bind::readonly"),
    "repeat_count": ("count", "jr:count"),
    "restricted_save_to": ("bind::phieu:restricted_save_to",),
    "sensitivity": ("bind::phieu:sensitivity",),
}
"""What pyxform takes for the same column (its aliases.py), beside letter case and blanks."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; `headers` stand in their columns, None where a column has no heading."""

    name: str
    headers: Sequence[str | None] = ()
    rows: Sequence[Row] = ()
    numbers: frozenset[str] = frozenset()
    """Cells that hold a number (`B3`), where that is known."""

    def numbered(self) -> Iterator[tuple[int, Row]]:
        """Rows that hold something, with the number that the spreadsheet shows beside them."""
        return ((number, row) for number, row in enumerate(self.rows, start=2) if row)

    def value(self, row: Row, column: str) -> str:
        """A cell; of a translated column the first one that holds something."""
        return next((row[h] for h in self.columns(column) if row.get(h)), "")

    def columns(self, column: str) -> list[str]:
        """The headings that mean this column, its translations among them."""
        return [h for h in self.headers if h is not None and _means(h, column)]

    def letter(self, column: str) -> str | None:
        """The letter of the first such column."""
        return next((self.letter_of(h) for h in self.columns(column)), None)

    def is_number(self, row: int, column: str) -> bool:
        """True if the cell holds a number, not text that looks like one."""
        letter = self.letter(column)
        return f"{letter}{row}" in self.numbers

    def letter_of(self, header: str) -> str:
        return column_letter(list(self.headers).index(header))

    def problem(
        self,
        code: str,
        row: int | None,
        column: str,
        details: Mapping[str, object] = MappingProxyType({}),
        *,
        severity: Literal["error", "warning"] = "error",
        suggestion: str = "",
    ) -> Problem:
        """A problem at a cell of this sheet; the row alone where the sheet lacks the column."""
        letter = self.letter(column) if row else None
        return Problem(code, details, severity, self.name, row, letter, suggestion)


@dataclass(frozen=True, slots=True)
class Worksheets:
    """The sheets that checks look at; one that is missing is empty."""

    survey: Sheet
    choices: Sheet
    settings: Sheet
    external_choices: Sheet
    entities: Sheet

    def find(self, name: str) -> Sheet | None:
        return next((s for s in self if s.name == name and s.headers), None)

    def __iter__(self) -> Iterator[Sheet]:
        return iter(
            (self.survey, self.choices, self.settings, self.external_choices, self.entities)
        )


def column_letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _means(header: str, column: str) -> bool:
    written = header.lower().strip()
    spellings = (column, *_SPELLINGS.get(column, ()))
    return written in spellings or written.partition(":")[0].strip() in spellings[:1] + (
        ("caption",) if column == "label" else ()
    )
