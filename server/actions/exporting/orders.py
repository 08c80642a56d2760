"""What was asked for, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from exports.columns import is_wanted
from exports.deidentifying.masking import mask_table, names_out
from exports.formats import FORMATS
from exports.labels import language_code
from exports.media import FORMAT as ATTACHMENTS
from exports.options import Options
from exports.shapes import Shape, list_columns
from exports.workbooks import FORMAT as WORKBOOK
from forms.definitions import FormDefinition
from server.actions.decrypting import Unlocking
from server.actions.definitions import get_definitions
from server.errors import ExportColumnUnknown, ExportColumnWithheld, ExportLanguageUnknown
from server.models import Form
from server.queries.exports import ExportScope

FORMAT_NAMES = tuple(sorted([*FORMATS, ATTACHMENTS, WORKBOOK]))
"""What may be asked for: tables, the files that came with slips, books for people."""


class By(StrEnum):
    """What each has files of its own."""

    NONE = "none"
    COMMUNE = "commune"
    VILLAGE = "village"
    COLLABORATOR = "collaborator"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What was asked for.

    `edition` is the id of an edition whose communes are meant; None: each as it was reported.
    Encrypted submissions are opened by what `unlocking` holds; others stay rows without answers.
    With `is_deidentified` nothing leads to people, for the `release` of that number, which is known
    when it is written; with `has_grid` positions stay as a grid.
    """

    format: str
    out: Path
    scope: ExportScope
    by: By = By.NONE
    edition: str | None = None
    options: Options = field(default_factory=Options)
    unlocking: Unlocking = field(default_factory=Unlocking)
    is_deidentified: bool = False
    release: int | None = None
    has_grid: bool = False

    @property
    def by_commune(self) -> bool:
        return self.by is By.COMMUNE

    @property
    def suffix(self) -> str:
        """Of the one file that holds it all, with its point. A release has its cover beside it."""
        if self.is_deidentified:
            return ".zip"
        if self.format == WORKBOOK:
            return ".xlsx" if len(self.scope.communes or ()) == 1 else ".zip"
        table = FORMATS.get(self.format)
        is_single = table is not None and table.is_single and self.by is By.NONE
        return f".{table.suffix}" if table is not None and is_single else ".zip"


def require_known(order: ExportOrder, form: Form) -> None:
    """Raise unless the form has the language and the columns that are asked for."""
    definitions = get_definitions(form)
    if not definitions:
        return
    language, known = order.options.language, _languages(definitions)
    if language is not None and language not in ("vi", "en", *known):
        raise ExportLanguageUnknown(
            form=form.xml_form_id, language=language, known=", ".join(known) or "vi, en"
        )
    options = replace(order.options, columns=())
    names = list_columns(definitions, options)
    told = _names_out(definitions, order) if order.is_deidentified else names
    for wanted in order.options.columns:
        if any(is_wanted(name, [wanted]) for name in told):
            continue
        if any(is_wanted(name, [wanted]) for name in names):
            raise ExportColumnWithheld(form=form.xml_form_id, name=wanted)
        raise ExportColumnUnknown(form=form.xml_form_id, name=wanted)


def _names_out(definitions: Mapping[int, FormDefinition], order: ExportOrder) -> list[str]:
    """By what columns that are not withheld are asked for."""
    options = replace(order.options, columns=())
    masked = (
        mask_table(head, options.own_language, has_grid=order.has_grid)
        for head in Shape(definitions, options).heads
    )
    return [name for table in masked for name in names_out(table)]


def _languages(definitions: Mapping[int, FormDefinition]) -> list[str]:
    """The languages of a form's labels, by code where they have one, in order."""
    names = (name for d in definitions.values() for name in d.languages if name)
    return list(dict.fromkeys(language_code(name) or name for name in names))


@dataclass(frozen=True, slots=True)
class Written:
    """What was written where, and what is not as it should be with encrypted submissions.

    `unknown` counts the submissions whose commune cannot be told.
    """

    out: Path
    submissions: int
    communes: int
    unknown: int
    decrypted: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
