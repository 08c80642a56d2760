"""Answers of selects: codes with blanks between them, and the names of choices."""

from __future__ import annotations

from forms.errors import NotEvaluated
from forms.xpath import Expression, Text

from ..frames import Compiled
from ..numbers import trim
from ..scopes import Scope
from ..values import Value, to_index, unpack
from .kinds import Function, Plain, Special


def _selected(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    """Blanks around the code do not count; numbers are refused, as JavaRosa does."""
    value, code = (scope.compile(a, scope) for a in arguments)
    if isinstance(arguments[1], Text):
        sought = f" {trim(arguments[1].value)} "
        return lambda frame: sought in f" {_text(value(frame))} "
    return lambda frame: f" {trim(_text(code(frame)))} " in f" {_text(value(frame))} "


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
    "is-selected": Special(_selected, 2),
    "selected": Special(_selected, 2),
    "selected-at": Plain(_selected_at, 2),
}
