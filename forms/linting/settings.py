"""The settings sheet: who the form is, and in which language it opens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Sheet, Worksheets

from .names import plain_name

_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")


def check_settings(sheets: Worksheets, _: Outline) -> Iterator[Problem]:
    settings = sheets.settings
    form_id = setting(settings, "form_id")
    if not form_id:
        yield _warn(settings, "settings.no_form_id", "form_id")
    elif not _PLAIN.fullmatch(form_id):
        problem = {"id": form_id}
        letter = settings.letter("form_id")
        yield Problem(
            "settings.odd_form_id", problem, "warning", "settings", 2, letter, plain_name(form_id)
        )
    if not setting(settings, "version"):
        yield _warn(settings, "settings.no_version", "version")


def setting(settings: Sheet, name: str) -> str:
    """What the sheet says under a heading, in whichever row."""
    rows = (row for _, row in settings.numbered())
    return next((value for row in rows if (value := settings.value(row, name).strip())), "")


def _warn(settings: Sheet, code: str, column: str) -> Problem:
    letter = settings.letter(column)
    return Problem(code, {}, "warning", "settings", 2 if letter else None, letter)
