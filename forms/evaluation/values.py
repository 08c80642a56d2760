"""Values of expressions and JavaRosa's conversions between them.

Text, numbers (always float), truth, moments (naive local datetimes: JavaRosa's Date, whether the
question asks a date, a time or both) and lists of nodes. Source: JavaRosa's XPathFuncExpr
(unpack, toBoolean, toNumeric, toString) and XPathEqExpr, tried with the jar of ODK Validate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from forms.errors import NotEvaluated

from .numbers import format_double, parse_double, trim

Atom = str | float | bool | datetime
SAME = 1e-12
EPOCH = datetime(1970, 1, 1)
_NUMERIC = frozenset("-.0123456789")
_MIN_INT, _MAX_INT = -(2**31), 2**31 - 1


class Place(Protocol):
    """A node of the form; its value is typed by its bind."""

    @property
    def value(self) -> Atom: ...


Item = Place | str
"""A node, or a cell of a list as its text."""
NodeSet = list[Item]
Value = str | float | bool | datetime | NodeSet


def unpack(value: Value) -> Atom:
    """The one value of a node-set; "" of an empty one."""
    if not isinstance(value, list):
        return value
    if len(value) == 1:
        item = value[0]
        return item if isinstance(item, str) else item.value
    if value:
        raise NotEvaluated("several nodes stand where one value is needed")
    return ""


def item_value(item: Item) -> Atom:
    return item if isinstance(item, str) else item.value


def item_values(nodes: Sequence[Item]) -> list[Atom]:
    return [item_value(item) for item in nodes]


def require_nodes(value: Value) -> NodeSet:
    if isinstance(value, list):
        return value
    raise NotEvaluated("a value stands where nodes are needed")


def to_boolean(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    value = unpack(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return abs(value) > SAME and not math.isnan(value)
    return value != ""


def to_number(value: Value) -> float:
    """A number as JavaRosa reads it: no exponent, a comma for the point, dates as whole days."""
    if isinstance(value, float):
        return value
    value = unpack(value)
    if isinstance(value, str):
        return number_of_text(value)
    if isinstance(value, datetime):
        return float((value - EPOCH).days)
    return float(value)


def number_of_text(text: str) -> float:
    text = trim(text.replace(",", "."))
    if not text or not _NUMERIC.issuperset(text):
        return math.nan
    return parse_double(text)


def to_integer(value: Value) -> float:
    """Truncated; still a float, as NaN and infinity stay what they are."""
    number = to_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def to_index(value: Value) -> int:
    """Java's (int): NaN is 0, and what is too large the largest."""
    number = to_number(value)
    if math.isnan(number):
        return 0
    return int(max(_MIN_INT, min(_MAX_INT, number)))


def to_text(value: Value) -> str:
    if isinstance(value, str):
        return value
    value = unpack(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return text_of_number(value)
    return f"{value.year}-{value.month:02}-{value.day:02}"


def text_of_number(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if abs(number) < SAME:
        return "0"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    whole = int(max(_MIN_INT, min(_MAX_INT, number)))
    return str(whole) if abs(number - whole) < SAME else format_double(number)


def are_equal(left: Value, right: Value) -> bool:
    """Truth beats numbers, numbers beat text: `'01' = 1`, but not `'01' = '1'`."""
    left, right = unpack(left), unpack(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, float) or isinstance(right, float):
        return abs(to_number(left) - to_number(right)) < SAME
    return to_text(left) == to_text(right)


def is_empty(value: Value) -> bool:
    """What coalesce() passes over: nothing, and NaN."""
    value = unpack(value)
    return value == "" or (isinstance(value, float) and math.isnan(value))
