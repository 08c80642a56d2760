"""The workbook's sheet `checks`: rows → DeclaredCheck, and what is wrong with them.

A row has `id`, `severity` (E, W, I), `field` (what it is about: a question, group or repeat; empty:
the whole slip), and either a `constraint` that must hold there, or the name of a `check` that the
server knows, with `parameters`. `relevant` says when it is asked. `${name}` and `.` mean what they
mean on the survey sheet; `message` has a column for each language (docs/checks.md).
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import openpyxl
from pyxform.xls2json_backends import md_table_to_workbook

from .checking.declared import compile_at
from .declared_checks import DeclaredCheck, Severity
from .definitions import FormDefinition
from .errors import ExpressionRefused, NotSupported, Problem
from .evaluation import FormRules
from .named_checks import NAMED_CHECKS
from .worksheets import Row, Sheet

_SHEET = "checks"
_NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,9})?")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_MESSAGE = "message"


@dataclass(slots=True)
class _Reader:
    sheet: Sheet
    definition: FormDefinition
    rules: FormRules
    problems: list[Problem]

    def read(self) -> Iterator[DeclaredCheck]:
        seen: set[str] = set()
        for number, row in self.sheet.numbered():
            cells = {c: self.sheet.value(row, c).strip() for c in _COLUMNS}
            if not any(cells.values()):
                continue
            before = len(self.problems)
            if cells["id"] in seen:
                self._refuse("duplicate_id", number, "id", id=cells["id"])
            seen.add(cells["id"])
            self._require(cells, number)
            path = self._path(cells["field"], number)
            self._require_rules(cells, path, number)
            messages = self._messages(row, number)
            if len(self.problems) == before:
                yield _make(cells, path, messages)

    def _require(self, cells: Mapping[str, str], number: int) -> None:
        if not _ID.fullmatch(cells["id"]):
            self._refuse("illegal_id", number, "id", id=cells["id"])
        if cells["severity"] not in list(Severity):
            self._refuse("severity", number, "severity", severity=cells["severity"])
        if bool(cells["constraint"]) == bool(cells["check"]):
            self._refuse("one_of_two", number, "constraint")

    def _path(self, name: str, number: int) -> str:
        name = name.removeprefix("${").removesuffix("}").strip()
        paths = [f.path for f in self.definition.fields() if f.name == name]
        if name and len(paths) != 1:
            self._refuse("no_field", number, "field", name=name)
        return paths[0] if name and paths else ""

    def _require_rules(self, cells: Mapping[str, str], path: str, number: int) -> None:
        for column in ("relevant", "constraint"):
            try:
                compile_at(self.rules, path, cells[column])
            except (ExpressionRefused, NotSupported) as error:
                self._refuse("expression", number, column, **error.about, text=cells[column])
            except KeyError as error:
                self._refuse("no_field", number, column, name=str(error.args[0]))
        self._require_named(cells, number)

    def _require_named(self, cells: Mapping[str, str], number: int) -> None:
        if not cells["check"]:
            return
        named = NAMED_CHECKS.get(cells["check"])
        if named is None:
            known = ", ".join(sorted(NAMED_CHECKS))
            self._refuse("unknown_check", number, "check", name=cells["check"], known=known)
            return
        given = parse_parameters(cells["parameters"])
        for name in sorted(set(given) - set(named.known)):
            self._refuse("unknown_parameter", number, "parameters", name=name)
        for name in sorted(set(named.required) - set(given)):
            self._refuse("missing_parameter", number, "parameters", name=name)
        for name in named.numbers:
            if name in given and not _NUMBER.fullmatch(given[name]):
                self._refuse("no_number", number, "parameters", name=name, given=given[name])
        names = {f.name for f in self.definition.fields()}
        asked = ",".join(given.get(name, "") for name in named.fields).split(",")
        for name in sorted(set(filter(None, asked)) - names):
            self._refuse("no_field", number, "parameters", name=name)

    def _messages(self, row: Row, number: int) -> dict[str, str]:
        found = {}
        for header in self.sheet.columns(_MESSAGE):
            language = header.partition("::")[2].strip() or self.definition.default_language
            if text := str(row.get(header) or "").strip():
                found[language] = text
        missing = [name for name in self.definition.languages if name not in found]
        if missing or not found:
            self._refuse("no_message", number, _MESSAGE, languages=", ".join(missing))
        return found

    def _refuse(self, code: str, number: int, column: str, **details: object) -> None:
        self.problems.append(self.sheet.problem(f"checks.{code}", number, column, details))


def read_checks(
    sheet: Sheet, definition: FormDefinition, rules: FormRules
) -> tuple[tuple[DeclaredCheck, ...], list[Problem]]:
    """The checks that are sound, and a problem for each fault of the others."""
    problems: list[Problem] = []
    reader = _Reader(sheet, definition, rules, problems)
    return tuple(reader.read()), problems


def load_sheet(source: bytes, file_type: str) -> Sheet:
    """The sheet as it stands in the workbook, its heads in the first row; empty where none is."""
    if file_type == ".md":
        file = io.BytesIO()
        md_table_to_workbook(source.decode()).save(file)
        source = file.getvalue()
    elif file_type != ".xlsx":
        return Sheet(_SHEET, [], [])
    book = openpyxl.load_workbook(io.BytesIO(source), read_only=True, data_only=True)
    try:
        if _SHEET not in book.sheetnames:
            return Sheet(_SHEET, [], [])
        lines = [[_text(cell) for cell in row] for row in book[_SHEET].iter_rows(values_only=True)]
    finally:
        book.close()
    heads = lines[0] if lines else []
    rows = [
        {head: cell for head, cell in zip(heads, line, strict=False) if head and cell}
        for line in lines[1:]
    ]
    return Sheet(_SHEET, [head or None for head in heads], rows)


def _text(cell: object) -> str:
    return unicodedata.normalize("NFC", " ".join(str(cell).split())) if cell is not None else ""


def parse_parameters(text: str) -> dict[str, str]:
    """`km=5 north=21.4`, as parameters are written on the survey sheet."""
    pairs = (part.partition("=") for part in re.split(r"[\s;]+", text) if part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _make(cells: Mapping[str, str], path: str, messages: dict[str, str]) -> DeclaredCheck:
    return DeclaredCheck(
        cells["id"],
        Severity(cells["severity"]),
        path,
        cells["relevant"],
        cells["constraint"],
        cells["check"],
        parse_parameters(cells["parameters"]),
        messages,
    )


_COLUMNS = ("id", "severity", "field", "relevant", "constraint", "check", "parameters")
