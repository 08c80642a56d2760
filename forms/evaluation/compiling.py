"""An expression's tree → one Python function, made once for each form version."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from forms.definitions import Itemset
from forms.errors import NotSupported
from forms.xpath import (
    Binary,
    Call,
    Expression,
    Filter,
    Negation,
    Number,
    Path,
    Text,
    parse_expression,
)

from .frames import Compiled, Frame
from .functions import compile_call
from .lookups import FindRows, compile_lookup, compile_rows
from .paths import compile_current, compile_path, starts_at_current
from .scopes import FormFacts, Names, Scope
from .values import Value, are_equal, to_boolean, to_number, unpack

MAX_DEPTH = 150
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_expression(expression: Expression, facts: FormFacts, context: Names) -> Compiled:
    """Raise NotSupported for what this library does not know; nothing is guessed."""
    _require_shallow(expression)
    return _compile(expression, Scope(facts, context, context, _compile))


def compile_itemset(itemset: Itemset, facts: FormFacts, context: Names) -> FindRows:
    """The rows that a select offers where its question stands."""
    predicates = (parse_expression(itemset.filter),) if itemset.filter else ()
    scope = Scope(facts, context, context, _compile)
    return compile_rows(itemset.list_name, predicates, scope)


def _compile(expression: Expression, scope: Scope) -> Compiled:
    match expression:
        case Number() | Text():
            return _constant(expression.value)
        case Negation(operand):
            inner = _compile(operand, scope)
            return lambda frame: -to_number(inner(frame))
        case Binary():
            return _binary(expression, scope)
        case Call():
            return compile_call(expression, scope)
        case Path():
            return compile_path(expression, scope)
        case Filter():
            current = starts_at_current(expression)
            return (compile_current if current else compile_lookup)(expression, scope)


def _constant(value: Value) -> Compiled:
    return lambda _: value


def _binary(expression: Binary, scope: Scope) -> Compiled:
    name = expression.operator
    if name in ("=", "!="):
        return _equality(expression, scope)
    if name in ("and", "or"):
        return _junction(expression, scope)
    left, right = _compile(expression.left, scope), _compile(expression.right, scope)
    match name:
        case "div":
            return lambda frame: _divide(to_number(left(frame)), to_number(right(frame)))
        case "mod":
            return lambda frame: _remainder(to_number(left(frame)), to_number(right(frame)))
    compute = _ARITHMETIC.get(name) or _ORDER.get(name)
    if compute is None:
        raise NotSupported("unsupported.operator", operator=name)
    return lambda frame: compute(to_number(left(frame)), to_number(right(frame)))


def _junction(expression: Binary, scope: Scope) -> Compiled:
    """A long chain is one loop; what comes after the deciding operand is not evaluated."""
    parts = [_compile(part, scope) for part in _chain(expression)]
    decides = expression.operator == "or"

    def evaluate(frame: Frame) -> bool:
        for part in parts:
            value = part(frame)
            if (value if isinstance(value, bool) else to_boolean(value)) is decides:
                return decides
        return not decides

    return evaluate


def _chain(expression: Binary) -> list[Expression]:
    operands: list[Expression] = []
    left: Expression = expression
    while isinstance(left, Binary) and left.operator == expression.operator:
        operands.append(left.right)
        left = left.left
    return [left, *reversed(operands)]


def _require_shallow(expression: Expression) -> None:
    """What is nested too deep for Python's stack would end a check, not a rule."""
    level: list[Expression] = [expression]
    for _ in range(MAX_DEPTH):
        level = [part for above in level for part in _operands(above)]
        if not level:
            return
    raise NotSupported("unsupported.too_deep", most=MAX_DEPTH)


def _operands(expression: Expression) -> list[Expression]:
    match expression:
        case Binary("and" | "or"):
            return _chain(expression)
        case Binary(_, left, right):
            return [left, right]
        case Negation(operand):
            return [operand]
        case Call(_, arguments):
            return list(arguments)
    return []


def _equality(expression: Binary, scope: Scope) -> Compiled:
    left, right = _compile(expression.left, scope), _compile(expression.right, scope)
    is_equal = expression.operator == "="
    if isinstance(expression.right, Text):
        return _equals_text(left, expression.right.value, is_equal)
    return lambda frame: are_equal(left(frame), right(frame)) is is_equal


def _equals_text(left: Compiled, text: str, is_equal: bool) -> Compiled:
    """`. = 'yes'`: what most rules ask."""

    def evaluate(frame: Frame) -> bool:
        value = unpack(left(frame))
        if isinstance(value, str):
            return (value == text) is is_equal
        return are_equal(value, text) is is_equal

    return evaluate


def _divide(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _remainder(left: float, right: float) -> float:
    """The sign is the dividend's, as in Java."""
    return math.fmod(left, right) if right != 0 and not math.isinf(left) else math.nan
