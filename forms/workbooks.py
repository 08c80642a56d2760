"""Compile what a designer hands in, a workbook or an XForm, into a FormDefinition."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Iterable, Iterator

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from .blocks import Outline, read_outline
from .books import Book, normalise, read_book
from .checks_sheet import load_sheet, read_checks
from .conversions import CONVERTER_FAULTS, Conversion, convert_sheets
from .data_classes import DataClass, find_data_class
from .declared_checks import DeclaredCheck
from .definitions import FormDefinition
from .entities import check_declarations
from .errors import Problem, WorkbookRefused
from .evaluation import compile_rules
from .linting.flags import COLUMNS as FLAGS
from .linting.flags import normalise_flags
from .linting.sheets import check_sheets
from .own_columns import mark_own_columns
from .restricted_column import check_restricted
from .sensitivity import check_sensitivity
from .workbook_places import place_logic, place_setting, place_unsupported
from .worksheets import Sheet, Worksheets
from .xforms import check_xform, parse_xform

MAX_UNPACKED = 200_000_000
_COMMUNE_FIELD = "commune_field"
_DATA_CLASS = "data_class"
_HOPELESS = ("sheet.no_column", "sheet.misspelled_column", "workbook.no_choices")
"""With these pyxform says nothing more that is true."""


def compile_form(source: bytes, *, filename: str) -> FormDefinition:
    """Compile by the file's extension: .xlsx, .xls, or .xml for an XForm.

    Raises WorkbookRefused with the problems; warnings are kept in the definition.
    """
    suffix = filename[filename.rfind(".") :].lower() if "." in filename else ""
    if suffix == ".xml":
        return _compile_xform(source)
    if suffix not in (".xlsx", ".xls"):
        raise WorkbookRefused([Problem("workbook.kind")])
    stem = filename.rpartition("/")[2].rpartition(".")[0]
    return compile_workbook(source, file_type=suffix, fallback_id=stem)


def compile_workbook(
    source: bytes, *, file_type: str = ".xlsx", fallback_id: str | None = None
) -> FormDefinition:
    """Convert a workbook with pyxform; `.md` is accepted too, for tests.

    `fallback_id` names a form whose settings sheet has no form_id.
    """
    if file_type == ".xlsx":
        _require_spreadsheet(source)
    book = read_book(source) if file_type == ".xlsx" else Book()
    data = _read_sheets(source, file_type, book)
    data.fallback_form_name = fallback_id or data.fallback_form_name
    commune_field = _take_setting(data, _COMMUNE_FIELD)
    data_class = _take_setting(data, _DATA_CLASS)
    sheets = _worksheets(data, book)
    outline = read_outline(sheets.survey)
    problems = [*_check_choices_sheet(sheets, outline, book), *check_sheets(sheets, outline)]
    _normalise_flags(data, sheets)
    mark_own_columns(data, sheets.survey)
    conversion = Conversion()
    if not outline.problems and not any(p.code in _HOPELESS for p in problems):
        conversion = convert_sheets(data, sheets, outline, problems)
    problems += [*conversion.problems, *conversion.warnings]
    definition = None
    if conversion.result is not None:
        definition, found = _read_converted(conversion.result.xform, sheets, outline)
        problems += [*found, *_check_definition(definition, commune_field)]
    checks: tuple[DeclaredCheck, ...] = ()
    if definition is not None:
        rules = compile_rules(definition)
        checks, found = read_checks(load_sheet(source, file_type), definition, rules)
        problems += found
        problems += place_unsupported(rules.unsupported, sheets, outline, problems)
        is_restricted = _is_restricted(definition, data_class)
        problems += check_restricted(definition, sheets, outline, is_restricted=is_restricted)
        problems += check_sensitivity(definition, sheets, outline)
    problems += _check_data_class(data_class)
    problems = _in_order(problems)
    if definition is None or conversion.result is None or _has_errors(problems):
        raise WorkbookRefused(problems)
    itemsets = conversion.result.itemsets
    return dataclasses.replace(
        definition,
        warnings=(*problems, *definition.warnings),
        commune_field=commune_field,
        data_class=data_class,
        itemsets_csv=itemsets.encode() if itemsets else None,
        checks=checks,
    )


def _compile_xform(source: bytes) -> FormDefinition:
    definition = parse_xform(source)
    empty = _worksheets(DefinitionData(), Book())
    is_restricted = _is_restricted(definition, "")
    problems = [
        *(place_logic(p, empty, Outline()) for p in check_xform(source)),
        *_check_definition(definition, ""),
        *check_restricted(definition, empty, Outline(), is_restricted=is_restricted),
        *check_sensitivity(definition, empty, Outline()),
    ]
    if _has_errors(problems):
        raise WorkbookRefused(problems)
    return dataclasses.replace(definition, warnings=(*problems, *definition.warnings))


def _normalise_flags(data: DefinitionData, sheets: Worksheets) -> None:
    headers = {column: sheets.survey.columns(column) for column in FLAGS}
    rows = [dict(row) for row in data.survey or ()]
    normalise_flags(rows, headers)
    data.survey = rows


def _check_choices_sheet(sheets: Worksheets, outline: Outline, book: Book) -> Iterator[Problem]:
    """Said once, not for each list that is not found."""
    asks = any(e.type.startswith("select_") and "_from_file" not in e.type for e in outline.entries)
    if asks and not any(sheets.choices.numbered()):
        meant = book.nearest("choices")
        yield Problem(
            "workbook.no_choices", {"found": book.names()}, sheet="choices", suggestion=meant
        )


def _read_converted(
    xform: str, sheets: Worksheets, outline: Outline
) -> tuple[FormDefinition | None, list[Problem]]:
    source = xform.encode()
    logic = [place_logic(p, sheets, outline) for p in check_xform(source)]
    try:
        return parse_xform(source), logic
    except WorkbookRefused as error:
        return None, [*(place_setting(p, sheets) for p in error.problems), *logic]


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sheet by sheet from top to bottom; what pyxform says of a cell too is said once."""
    names = ["survey", "choices", "external_choices", "entities", "settings", "checks", None]
    ordered = sorted(
        dict.fromkeys(problems),
        key=lambda p: (
            names.index(p.sheet) if p.sheet in names else len(names),
            p.row or 0,
            len(p.column or ""),
            p.column or "",
        ),
    )
    known = {(p.sheet, p.row, p.column) for p in ordered if p.code != "workbook.pyxform"}
    return [
        p
        for p in ordered
        if p.code != "workbook.pyxform" or p.row is None or (p.sheet, p.row, p.column) not in known
    ]


def _has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _worksheets(data: DefinitionData, book: Book) -> Worksheets:
    return Worksheets(
        *(
            Sheet(
                name,
                book.headings.get(name)
                or [k for h in getattr(data, f"{name}_header") or () for k in h],
                getattr(data, name) or (),
                book.numbers.get(name, frozenset()),
            )
            for name in ("survey", "choices", "settings", "external_choices", "entities")
        )
    )


def _require_spreadsheet(source: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            is_workbook = "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _not_a_workbook() from error
    if not is_workbook:
        raise _not_a_workbook()
    if unpacked > MAX_UNPACKED:
        most = {"most": MAX_UNPACKED // 1_000_000}
        raise WorkbookRefused([Problem("workbook.too_large", most)])


def _not_a_workbook() -> WorkbookRefused:
    return WorkbookRefused([Problem("workbook.not_one")])


def _read_sheets(source: bytes, file_type: str, book: Book) -> DefinitionData:
    try:
        data = get_xlsform(source, file_type=file_type)
    except (PyXFormError, zipfile.BadZipFile, *CONVERTER_FAULTS) as error:
        raise _not_a_workbook() from error
    if data.survey is None:
        about = {"found": book.names()}
        meant = book.nearest("survey")
        raise WorkbookRefused(
            [Problem("workbook.no_survey", about, sheet="survey", suggestion=meant)]
        )
    for field in dataclasses.fields(data):
        setattr(data, field.name, normalise(getattr(data, field.name)))
    return data


def _take_setting(data: DefinitionData, name: str) -> str:
    """Remove one of our own settings, which pyxform does not know, and return its value."""
    values = [str(row.pop(name)) for row in data.settings or () if name in row]
    for header in data.settings_header or ():
        header.pop(name, None)
    return values[0].strip() if values else ""


def _is_restricted(definition: FormDefinition, setting: str) -> bool:
    try:
        return find_data_class(definition.xml_form_id, setting) is DataClass.CASE
    except ValueError:  # told by _check_data_class
        return True


def _check_data_class(setting: str) -> Iterable[Problem]:
    if setting and setting.lower() not in list(DataClass):
        about = {"given": setting, "known": ", ".join(DataClass)}
        yield Problem("settings.data_class", about, sheet="settings", row=2)


def _check_definition(definition: FormDefinition | None, commune: str) -> Iterable[Problem]:
    if definition is None:
        return
    if not any(field.control for field in definition.fields()):
        yield Problem("form.no_questions", sheet="survey")
    yield from check_declarations(definition)
    if commune and definition.find_field(commune) is None:
        yield Problem("settings.commune_field", {"name": commune}, sheet="settings", row=2)
