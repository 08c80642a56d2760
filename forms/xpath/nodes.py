"""The tree of an XPath expression (XPath 1.0 §2–3, without variables, which ODK has none of)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ANY_NODE = "node()"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, never negative: `-1` is the Negation of one."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A literal between quotes; it cannot hold both kinds of them."""

    value: str


@dataclass(frozen=True, slots=True)
class Negation:
    """`-operand`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands; of operators of one level the left one is done first."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: `.` is self::node(), `..` parent::node(), `@a` attribute::a."""

    axis: str
    test: str
    predicates: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A location path; from the root of the tree if absolute, else from the context node."""

    is_absolute: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Nodes that an expression gives, filtered, and steps from there: `instance('x')/root/item`."""

    primary: Expression
    predicates: tuple[Expression, ...] = ()
    steps: tuple[Step, ...] = ()


Expression = Number | Text | Negation | Binary | Call | Path | Filter


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and all below it, in no promised order."""
    waiting: list[Expression] = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(_parts(node))


def _parts(node: Expression) -> Iterator[Expression]:
    match node:
        case Negation(operand):
            yield operand
        case Binary(_, left, right):
            yield from (left, right)
        case Call(_, arguments):
            yield from arguments
        case Path(_, steps):
            yield from _predicates(steps)
        case Filter(primary, predicates, steps):
            yield primary
            yield from predicates
            yield from _predicates(steps)


def _predicates(steps: tuple[Step, ...]) -> Iterator[Expression]:
    for step in steps:
        yield from step.predicates
