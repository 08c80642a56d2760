"""Truth, choices between values, and checklists."""

from __future__ import annotations

from forms.errors import NotEvaluated
from forms.xpath import Expression

from ..frames import Compiled, Frame
from ..scopes import Scope
from ..values import Value, is_empty, item_values, to_boolean, to_index, to_number, to_text
from .kinds import Function, Plain, Special


def _if(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    test, then, otherwise = (scope.compile(a, scope) for a in arguments)
    return lambda frame: then(frame) if to_boolean(test(frame)) else otherwise(frame)


def _coalesce(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    first, second = (scope.compile(a, scope) for a in arguments)

    def evaluate(frame: Frame) -> Value:
        value = first(frame)
        return second(frame) if is_empty(value) else value

    return evaluate


def _once(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    """What the node holds already, else the argument."""
    scope.require_context()
    inner = scope.compile(arguments[0], scope)

    def evaluate(frame: Frame) -> Value:
        present = frame.node.value if frame.answers.relevant(frame.node) else ""
        return inner(frame) if present == "" else present

    return evaluate


def _checklist(least: Value, most: Value, *factors: Value) -> bool:
    """-1 is no limit."""
    counted = sum(map(to_boolean, _spread(factors)))
    low, high = to_index(least), to_index(most)
    return (low < 0 or counted >= low) and (high < 0 or counted <= high)


def _weighted_checklist(least: Value, most: Value, *pairs: Value) -> bool:
    if len(pairs) % 2 or not pairs:
        raise NotEvaluated("weighted-checklist() needs a weight for each factor")
    flags, weights = pairs[::2], pairs[1::2]
    if len(pairs) == 2 and isinstance(pairs[0], list) and isinstance(pairs[1], list):
        flags, weights = _spread(flags), _spread(weights)
    if len(flags) != len(weights):
        raise NotEvaluated("weighted-checklist() has not as many weights as factors")
    numbers = [to_number(w) for w in weights]
    total = sum(n for flag, n in zip(flags, numbers, strict=True) if to_boolean(flag))
    return to_number(least) <= total <= to_number(most)


def _spread(values: tuple[Value, ...]) -> tuple[Value, ...]:
    if len(values) == 1 and isinstance(values[0], list):
        return tuple(item_values(values[0]))
    return values


def _boolean_from_string(value: Value) -> bool:
    return to_text(value).lower() in ("true", "1")


FUNCTIONS: dict[str, Function] = {
    "boolean": Plain(to_boolean, 1),
    "boolean-from-string": Plain(_boolean_from_string, 1),
    "checklist": Plain(_checklist, 2, None),
    "coalesce": Special(_coalesce, 2),
    "depend": Plain(lambda first, *_: first, 1, None),
    "false": Plain(lambda: False, 0),
    "if": Special(_if, 3),
    "not": Plain(lambda value: not to_boolean(value), 1),
    "once": Special(_once, 1),
    "true": Plain(lambda: True, 0),
    "weighted-checklist": Plain(_weighted_checklist, 2, None),
}
