"""The usual mistakes on the choices and settings sheets, and in the headings of all sheets."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from pyxform import aliases

from .blocks import Outline
from .errors import Problem
from .worksheets import Row, Sheet, Worksheets

_NEEDED = {"survey": ("type", "name"), "choices": ("list_name", "name")}
_SURVEY_HEADINGS = {
    "type", "name", "label", "hint", "guidance_hint", "relevant", "constraint", "required",
    "constraint_message", "required_message", "calculation", "choice_filter", "default",
    "appearance", "parameters", "save_to", "read_only", "repeat_count", "trigger", "media",
    "bind", "body", "instance", "control", "disabled", "note", "notes", "comment", "comments",
    *aliases.survey_header,
}  # fmt: skip


def check_headings(sheets: Worksheets) -> Iterator[Problem]:
    """Yield columns that must be there, and columns that are ignored for one wrong letter."""
    for name, needed in _NEEDED.items():
        sheet = sheets.find(name)
        if sheet is None or not any(sheet.numbered()):
            continue
        for column in needed:
            if sheet.letter(column) is None:
                yield _missing_column(sheet, column)
    yield from _misspelled(sheets.survey)


def check_choices(sheets: Worksheets, outline: Outline) -> Iterator[Problem]:
    """Yield choices without name or label, named twice, or with blanks for a select_multiple."""
    choices = sheets.choices
    multiple = {
        e.type.split()[-1] for e in outline.entries if e.type.startswith("select_multiple ")
    }
    may_repeat = _setting(sheets.settings, "allow_choice_duplicates").lower() in ("yes", "true")
    seen: dict[tuple[str, str], int] = {}
    for number, row in choices.numbered():
        list_name = choices.value(row, "list_name").strip()
        if list_name:
            key = (list_name, choices.value(row, "name").strip())
            yield from _check_choice(choices, number, row, key, list_name in multiple)
            if key in seen and key[1] and not may_repeat:
                reason = f"The list {list_name} has the name {key[1]} in row {seen[key]} already."
                yield choices.problem("choices.duplicate_name", reason, number, "name")
            seen.setdefault(key, number)


def check_settings(sheets: Worksheets) -> Iterator[Problem]:
    settings = sheets.settings
    if not _setting(settings, "form_id"):
        reason = "The form has no form_id; the name of the file is taken for it."
        yield _setting_warning(settings, "settings.no_form_id", reason, "form_id")
    if not _setting(settings, "version"):
        reason = "The form has no version; a changed form needs one before it can be published."
        yield _setting_warning(settings, "settings.no_version", reason, "version")


def _setting(settings: Sheet, name: str) -> str:
    rows = (row for _, row in settings.numbered())
    return next((value for row in rows if (value := settings.value(row, name).strip())), "")


def _setting_warning(settings: Sheet, code: str, reason: str, column: str) -> Problem:
    letter = settings.letter(column)
    return Problem(code, reason, "warning", "settings", 2 if letter else None, letter)


def _missing_column(sheet: Sheet, column: str) -> Problem:
    headers = [h for h in sheet.headers if h]
    nearest = next(iter(difflib.get_close_matches(column, headers, 1, 0.6)), None)
    reason = f"The sheet has no column {column}."
    if nearest is None:
        return Problem("sheet.no_column", reason, sheet=sheet.name, row=1)
    reason = f"The sheet has no column {column}, but one headed {nearest}."
    letter = sheet.letter_of(nearest)
    return Problem("sheet.no_column", reason, "error", sheet.name, 1, letter, column)


def _misspelled(survey: Sheet) -> Iterator[Problem]:
    for header in survey.headers:
        word = (header or "").partition(":")[0].strip().lower()
        if not word or word in _SURVEY_HEADINGS:
            continue
        if nearest := next(iter(difflib.get_close_matches(word, _SURVEY_HEADINGS, 1, 0.8)), None):
            reason = f"The column {header} is not known and is ignored."
            letter = survey.letter_of(header or "")
            yield Problem("sheet.unknown_column", reason, "warning", "survey", 1, letter, nearest)


def _check_choice(
    choices: Sheet, number: int, row: Row, key: tuple[str, str], is_multiple: bool
) -> Iterator[Problem]:
    list_name, name = key
    if not name:
        reason = f"A choice of the list {list_name} has no name."
        yield choices.problem("choices.no_name", reason, number, "name")
    elif is_multiple and " " in name:
        reason = f"«{name}» of the list {list_name} has a blank; select_multiple joins names by it."
        yield choices.problem(
            "choices.blank_in_name", reason, number, "name", suggestion=name.replace(" ", "_")
        )
    if not choices.value(row, "label"):
        reason = f"The choice {name} of the list {list_name} has no label."
        yield choices.problem("choices.no_label", reason, number, "label", severity="warning")
