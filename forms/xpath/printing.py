"""Tree → text; what is printed parses to the same tree."""

from __future__ import annotations

from decimal import Decimal

from .grammar import LEVELS
from .nodes import ANY_NODE, Binary, Call, Expression, Filter, Negation, Number, Path, Step, Text

_UNARY = 6
_UNION = 7
_PATH = 8
_PRIMARY = 9


def print_expression(expression: Expression) -> str:
    match expression:
        case Number() | Text():
            return _literal(expression)
        case Negation(operand):
            return "-" + _at_least(operand, _UNARY)
        case Binary():
            return _binary(expression)
        case Call(name, arguments):
            return f"{name}({', '.join(map(print_expression, arguments))})"
        case Path() | Filter():
            return _nodes(expression)


def _literal(expression: Number | Text) -> str:
    if isinstance(expression, Number):
        return format(Decimal(repr(expression.value)), "f").removesuffix(".0")
    quote = '"' if "'" in expression.value else "'"
    return f"{quote}{expression.value}{quote}"


def _nodes(expression: Path | Filter) -> str:
    steps = list(map(_step, expression.steps))
    if isinstance(expression, Filter):
        first = _at_least(expression.primary, _PRIMARY) + _predicates(expression.predicates)
        return "/".join([first, *steps])
    if expression.is_absolute:
        return "/" + "/".join(steps) if steps else "(/)"
    return "/".join(steps)


def _level(expression: Expression) -> int:
    match expression:
        case Binary(operator):
            return LEVELS.get(operator, _UNION)
        case Negation():
            return _UNARY
        case Path() | Filter():
            return _PATH
        case _:
            return _PRIMARY


def _binary(expression: Binary) -> str:
    """A long sum is a deep tree to the left: it is printed without recursion."""
    level = _level(expression)
    right_of: list[str] = []
    left: Expression = expression
    while isinstance(left, Binary) and _level(left) == level:
        right_of.append(f" {left.operator} {_at_least(left.right, level + 1)}")
        left = left.left
    return _at_least(left, level) + "".join(reversed(right_of))


def _at_least(expression: Expression, level: int) -> str:
    text = print_expression(expression)
    return text if _level(expression) >= level else f"({text})"


def _step(step: Step) -> str:
    if not step.predicates and step.test == ANY_NODE and step.axis in ("self", "parent"):
        return "." if step.axis == "self" else ".."
    prefix = {"child": "", "attribute": "@"}.get(step.axis, f"{step.axis}::")
    return f"{prefix}{step.test}{_predicates(step.predicates)}"


def _predicates(predicates: tuple[Expression, ...]) -> str:
    return "".join(f"[{print_expression(predicate)}]" for predicate in predicates)
