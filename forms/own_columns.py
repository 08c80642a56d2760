"""Columns of the survey sheet that are ours, as attributes of the XForm's binds.

pyxform knows no such columns; it keeps what is in `bind::phieu:…`, for a namespace of the settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyxform.xls2json_backends import DefinitionData

from .worksheets import Sheet

COLUMNS = ("restricted_save_to", "sensitivity")
_NAMESPACE = 'phieu="urn:phieu:xforms"'


def mark_own_columns(data: DefinitionData, survey: Sheet) -> None:
    """Write the columns as pyxform reads them."""
    names = {header: f"bind::phieu:{c}" for c in COLUMNS for header in survey.columns(c)}
    if not names:
        return
    data.survey = list(_renamed(data.survey or (), names))
    data.survey_header = list(_renamed(data.survey_header or (), names))
    settings = dict((data.settings or [{}])[0])
    declared = str(settings.get("namespaces") or "")
    if "phieu=" not in declared:
        settings["namespaces"] = f"{declared} {_NAMESPACE}".strip()
    data.settings = [settings, *(data.settings or [{}])[1:]]
    headers = [name for header in data.settings_header or () for name in header]
    data.settings_header = [dict.fromkeys([*settings, *headers])]


def _renamed(rows: Iterable[dict[str, str]], names: dict[str, str]) -> Iterator[dict[str, str]]:
    for row in rows:
        yield {names.get(header, header): cell for header, cell in row.items()}
