"""Compile what a designer hands in, a workbook or an XForm, into a FormDefinition."""

from __future__ import annotations

import dataclasses
import io
import unicodedata
import zipfile
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData, get_xlsform
from pyxform.xls2xform import ConvertResult, convert

from .definitions import FormDefinition
from .errors import Problem, WorkbookRefused
from .workbook_places import locate
from .xforms import parse_xform

MAX_UNPACKED = 200_000_000
_COMMUNE_FIELD = "commune_field"
# What pyxform and openpyxl raise on input that no spreadsheet editor writes.
_CONVERTER_FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError)


def compile_form(source: bytes, *, filename: str) -> FormDefinition:
    """Compile by the file's extension: .xlsx, .xls, or .xml for an XForm.

    Raises WorkbookRefused with the problems; warnings are kept in the definition.
    """
    suffix = filename[filename.rfind(".") :].lower() if "." in filename else ""
    if suffix == ".xml":
        return parse_xform(source)
    if suffix not in (".xlsx", ".xls"):
        reason = "A form is a workbook (.xlsx) or an XForm (.xml)."
        raise WorkbookRefused([Problem("workbook.kind", reason)])
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
    data = _read_sheets(source, file_type)
    data.fallback_form_name = fallback_id or data.fallback_form_name
    commune_field = _take_setting(data, _COMMUNE_FIELD)
    warnings: list[str] = []
    converted = _convert(data, warnings)
    definition = parse_xform(converted.xform.encode())
    _require_commune_field(definition, commune_field)
    return dataclasses.replace(
        definition,
        warnings=(*warnings, *definition.warnings),
        commune_field=commune_field,
        itemsets_csv=converted.itemsets.encode() if converted.itemsets else None,
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
        reason = f"The workbook unpacks to more than {MAX_UNPACKED // 1_000_000} MB."
        raise WorkbookRefused([Problem("workbook.too_large", reason)])


def _not_a_workbook() -> WorkbookRefused:
    reason = "This file is not an XLSX workbook. Save it from the spreadsheet editor as .xlsx."
    return WorkbookRefused([Problem("workbook.not_one", reason)])


def _read_sheets(source: bytes, file_type: str) -> DefinitionData:
    try:
        data = get_xlsform(source, file_type=file_type)
    except (PyXFormError, zipfile.BadZipFile, *_CONVERTER_FAULTS) as error:
        raise _not_a_workbook() from error
    if data.survey is None:
        reason = "The workbook has no sheet named survey."
        raise WorkbookRefused([Problem("workbook.no_survey", reason, sheet="survey")])
    for field in dataclasses.fields(data):
        setattr(data, field.name, _nfc(getattr(data, field.name)))
    return data


def _nfc(value: Any) -> Any:
    """Text as NFC, so that a name typed on a Mac finds the same name typed elsewhere."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(k): _nfc(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_nfc(v) for v in value]
    return value


def _take_setting(data: DefinitionData, name: str) -> str:
    """Remove one of our own settings, which pyxform does not know, and return its value."""
    values = [str(row.pop(name)) for row in data.settings or () if name in row]
    for header in data.settings_header or ():
        header.pop(name, None)
    return values[0].strip() if values else ""


def _convert(data: DefinitionData, warnings: list[str]) -> ConvertResult:
    try:
        return convert(dataclasses.asdict(data), warnings=warnings)
    except PyXFormError as error:
        raise WorkbookRefused([locate(str(error), data)]) from error
    except _CONVERTER_FAULTS as error:
        reason = f"The workbook cannot be converted ({type(error).__name__}: {error})."
        raise WorkbookRefused([Problem("workbook.converter", reason)]) from error


def _require_commune_field(definition: FormDefinition, name: str) -> None:
    if name and definition.find_field(name) is None:
        reason = f"There is no question named {name} outside repeats."
        problem = Problem("settings.commune_field", reason, sheet="settings", row=2)
        raise WorkbookRefused([problem])
