"""Rows of choices: codes, labels, and codes that a spreadsheet took for numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Row, Sheet, Worksheets

from .settings import setting

_CODE = re.compile(r"[0-9]{1,15}")
_QUOTED = re.compile(r"['\"]([0-9]{1,15})['\"]")


def check_choices(sheets: Worksheets, outline: Outline) -> Iterator[Problem]:
    """Yield choices without name or label, named twice, or with blanks for a select_multiple."""
    choices = sheets.choices
    multiple = {
        e.type.split()[-1] for e in outline.entries if e.type.startswith("select_multiple ")
    }
    may_repeat = setting(sheets.settings, "allow_choice_duplicates").lower() in ("yes", "true")
    seen: dict[tuple[str, str], int] = {}
    for number, row in choices.numbered():
        list_name = choices.value(row, "list_name").strip()
        if list_name:
            key = (list_name, choices.value(row, "name").strip())
            yield from _check_choice(choices, number, row, key, list_name in multiple)
            if key in seen and key[1] and not may_repeat:
                about = {"list": list_name, "name": key[1], "first": seen[key]}
                yield choices.problem("choices.duplicate_name", number, "name", about)
            seen.setdefault(key, number)
    yield from _lost_zeros(sheets)


def _lost_zeros(sheets: Worksheets) -> Iterator[Problem]:
    """A code typed as a number, where the same code with zeros before it is text elsewhere."""
    choices = sheets.choices
    codes = {
        str(cell).strip()
        for _, row in choices.numbered()
        for cell in row.values()
        if _CODE.fullmatch(str(cell).strip())
    }
    for sheet in sheets:
        for _, row in sheet.numbered():
            codes.update(code for cell in row.values() for code in _QUOTED.findall(str(cell)))
    padded = {code.lstrip("0"): code for code in sorted(codes) if code.startswith("0")}
    for number, row in choices.numbered():
        code = choices.value(row, "name").strip()
        if code in padded and choices.is_number(number, "name"):
            about = {"code": code, "padded": padded[code]}
            yield choices.problem(
                "choices.lost_zero",
                number,
                "name",
                about,
                severity="warning",
                suggestion=padded[code],
            )


def _check_choice(
    choices: Sheet, number: int, row: Row, key: tuple[str, str], is_multiple: bool
) -> Iterator[Problem]:
    list_name, name = key
    if not name:
        yield choices.problem("choices.no_name", number, "name", {"list": list_name})
    elif is_multiple and " " in name:
        yield choices.problem(
            "choices.blank_in_name",
            number,
            "name",
            {"name": name, "list": list_name},
            suggestion=name.replace(" ", "_"),
        )
    if not choices.value(row, "label"):
        yield choices.problem(
            "choices.no_label",
            number,
            "label",
            {"name": name, "list": list_name},
            severity="warning",
        )
