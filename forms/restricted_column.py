"""The survey sheet's own column `restricted_save_to`, as an attribute of the XForm's bind.

pyxform knows no such column; it keeps what is in `bind::phieu:…`, for a namespace of the settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyxform.xls2json_backends import DefinitionData

from .blocks import Outline
from .definitions import FormDefinition
from .entities import check_facts
from .errors import Problem
from .worksheets import Sheet, Worksheets

COLUMN = "restricted_save_to"
_BIND = f"bind::phieu:{COLUMN}"
_NAMESPACE = 'phieu="urn:phieu:xforms"'


def mark_restricted(data: DefinitionData, survey: Sheet) -> None:
    """Write the column as pyxform reads it."""
    headers = survey.columns(COLUMN)
    if not headers:
        return
    data.survey = list(_renamed(data.survey or (), headers))
    data.survey_header = list(_renamed(data.survey_header or (), headers))
    settings = dict((data.settings or [{}])[0])
    declared = str(settings.get("namespaces") or "")
    if "phieu=" not in declared:
        settings["namespaces"] = f"{declared} {_NAMESPACE}".strip()
    data.settings = [settings, *(data.settings or [{}])[1:]]
    data.settings_header = [dict.fromkeys([*settings, *_names(data.settings_header or ())])]


def check_restricted(
    definition: FormDefinition, sheets: Worksheets, outline: Outline, *, is_restricted: bool
) -> Iterator[Problem]:
    """Each at its cell; a definition without a workbook keeps the path of the field."""
    for problem in check_facts(definition, is_restricted=is_restricted):
        entry = outline.find(problem.node)
        if entry is None:
            yield problem
        else:
            yield sheets.survey.problem(problem.code, entry.number, COLUMN, problem.details)


def _renamed(rows: Iterable[dict[str, str]], headers: Iterable[str]) -> Iterator[dict[str, str]]:
    known = frozenset(headers)
    for row in rows:
        yield {_BIND if header in known else header: cell for header, cell in row.items()}


def _names(headers: Iterable[dict[str, str]]) -> list[str]:
    return [name for header in headers for name in header]
