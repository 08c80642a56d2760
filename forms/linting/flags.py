"""Yes and no, as people write them; other words would be expressions that are never true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Worksheets

COLUMNS = ("required", "read_only")
_YES = frozenset({"yes", "true", "true()", "có", "co", "đúng", "x", "y"})
_NO = frozenset({"no", "false", "false()", "không", "khong", "sai", "n"})
_WORD = re.compile(r"[^\W\d]\w*(\s+\w+)*")


def read_flag(text: str) -> str:
    """`yes` or `no` for the words that mean it, else the text: an expression."""
    word = text.strip().lower()
    return "yes" if word in _YES else "no" if word in _NO else text


def normalise_flags(rows: list[dict[str, Any]], headers: dict[str, list[str]]) -> None:
    """In the survey's rows, before they are converted; `headers` are those of each column."""
    names = [header for column in COLUMNS for header in headers[column]]
    for row in rows:
        for name in names:
            if isinstance(row.get(name), str):
                row[name] = read_flag(row[name])


def check_flags(sheets: Worksheets, outline: Outline) -> Iterator[Problem]:
    survey = sheets.survey
    for entry in outline.entries:
        for column in COLUMNS:
            text = survey.value(entry.row, column).strip()
            if _WORD.fullmatch(text) and read_flag(text) not in ("yes", "no"):
                yield survey.problem("survey.bad_flag", entry.number, column, {"text": text})
