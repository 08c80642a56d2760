"""Answers of selects: codes with blanks between them, and the names of choices."""

from __future__ import annotations

from forms.errors import NotEvaluated

from ..numbers import trim
from ..values import Value, to_index, unpack
from .kinds import Function, Plain


def _selected(value: Value, code: Value) -> bool:
    """Blanks around the code do not count; numbers are refused, as JavaRosa does."""
    return f" {trim(_text(code))} " in f" {_text(value)} "


def _count_selected(value: Value) -> float:
    return float(len(_codes(value)))


def _selected_at(value: Value, at: Value) -> str:
    codes, index = _codes(value), to_index(at)
    return codes[index] if 0 <= index < len(codes) else ""


def _codes(value: Value) -> list[str]:
    return [code for code in _text(value).split(" ") if code]


def _text(value: Value) -> str:
    atom = unpack(value)
    if not isinstance(atom, str):
        raise NotEvaluated("what is selected is text, and so is what is looked for")
    return atom


FUNCTIONS: dict[str, Function] = {
    "count-selected": Plain(_count_selected, 1),
    "is-selected": Plain(_selected, 2),
    "selected": Plain(_selected, 2),
    "selected-at": Plain(_selected_at, 2),
}
