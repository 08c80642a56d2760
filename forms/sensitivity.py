"""How sensitive an answer is: the survey sheet's column `sensitivity`, and what is wrong in it.

The words say what an answer is; what becomes of it in a de-identified export is for `exports`.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator
from enum import StrEnum

from .blocks import Outline
from .definitions import Field, FormDefinition, Kind
from .errors import Problem
from .worksheets import Worksheets

COLUMN = "sensitivity"


class Sensitivity(StrEnum):
    """`sex`, `birth_date`, `age` and `group` are those of the person whom the row is about."""

    NONE = "none"
    DIRECT = "direct"
    """A name, number, telephone, address, or anything else that leads to a person by itself."""
    ID = "id"
    """An opaque key of a person, household or case."""
    BIRTH_DATE = "birth_date"
    AGE = "age"
    """In completed years."""
    SEX = "sex"
    GROUP = "group"
    """Codes of the groups of special circumstances, 01 to 14."""
    ETHNICITY = "ethnicity"
    COMMUNE = "commune"
    VILLAGE = "village"
    """A village, or any other place finer than the commune."""
    LOCATION = "location"
    DAY = "day"
    """The day that the slip is about: ages are those on it."""
    DATE = "date"
    FREE_TEXT = "free_text"
    WITHHELD = "withheld"
    """None of these, and yet not for outsiders."""


_OPEN = frozenset({"geopoint", "geotrace", "geoshape", "binary"})
_IDENTIFYING = re.compile(
    r"(?:.*_)?(?:name|phone|telephone|mobile|email|address|pid|cccd|cmnd|passport"
    r"|ho_ten|dien_thoai|sdt|dia_chi)"
)


def check_sensitivity(
    definition: FormDefinition, sheets: Worksheets, outline: Outline
) -> Iterator[Problem]:
    """Each at its cell; a definition without a workbook keeps the path of the field."""
    for problem in _problems(definition):
        entry = outline.find(problem.node)
        letter = sheets.survey.letter(COLUMN)
        if entry is None:
            yield problem
        else:
            yield dataclasses.replace(
                problem, sheet="survey", row=entry.number, column=letter, node=""
            )


def _problems(definition: FormDefinition) -> Iterator[Problem]:
    fields = [f for f in definition.fields() if not f.path.startswith("/meta")]
    if not any(f.bind.sensitivity for f in fields):
        return  # a form of another server: all its answers are withheld
    for field in fields:
        if field.kind is not Kind.QUESTION:
            yield from _check_block(field)
        elif not field.is_note and "/meta/" not in field.path:
            yield from _check_question(field)
    yield from _check_day(fields)


def _check_block(field: Field) -> Iterator[Problem]:
    if field.bind.sensitivity:
        yield Problem("sensitivity.no_answer", node=field.path)


def _check_question(field: Field) -> Iterator[Problem]:
    given = field.bind.sensitivity
    if not given:
        yield Problem("sensitivity.missing", {"name": field.name}, "warning", node=field.path)
    elif given not in list(Sensitivity):
        nearest = difflib.get_close_matches(given, list(Sensitivity), 1, 0.5)
        about = {"given": given, "known": ", ".join(Sensitivity)}
        suggestion = nearest[0] if nearest else ""
        yield Problem("sensitivity.unknown", about, node=field.path, suggestion=suggestion)
    elif given == Sensitivity.NONE and (meant := _more_than_none(field)):
        about = {"name": field.name}
        yield Problem("sensitivity.open", about, "warning", node=field.path, suggestion=meant)


def _more_than_none(field: Field) -> str:
    """What an answer seems to be that is marked as nothing; empty where `none` seems right."""
    if not field.is_select and _IDENTIFYING.fullmatch(field.name.lower()):
        return Sensitivity.DIRECT
    if field.bind.type in _OPEN:
        return Sensitivity.LOCATION if field.bind.type == "geopoint" else Sensitivity.WITHHELD
    is_text = field.control == "input" and field.bind.type == "string"
    return Sensitivity.FREE_TEXT if is_text else ""


def _check_day(fields: list[Field]) -> Iterator[Problem]:
    given = {field.bind.sensitivity: field for field in reversed(fields)}
    born = given.get(Sensitivity.BIRTH_DATE)
    if born is not None and Sensitivity.DAY not in given:
        yield Problem("sensitivity.no_day", {}, "warning", node=born.path)
