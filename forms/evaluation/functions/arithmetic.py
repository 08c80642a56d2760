"""Functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal

from ..frames import Frame
from ..moments import local_days
from ..numbers import format_double
from ..values import Value, to_index, to_integer, to_number
from .kinds import Framed, Function, Plain

_MAX_PLACES = 30
_WIDE = Context(prec=400)


def _round(value: Value, places: Value = 0.0) -> float:
    """Half goes up, of negative numbers towards zero; below the point JavaRosa cuts."""
    number, digits = to_number(value), to_index(places)
    if not math.isfinite(number):
        return number
    if abs(digits) > _MAX_PLACES:
        return math.nan
    if digits < 0:
        scaled = float(Decimal(format_double(number)).scaleb(digits, _WIDE))
        whole = Decimal(math.trunc(scaled + 0.5))
        return float(whole.scaleb(-digits, _WIDE))
    rule = ROUND_HALF_DOWN if number < 0 else ROUND_HALF_UP
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(format_double(number)).quantize(step, rule, _WIDE))


def _of_one(compute: Callable[[float], float]) -> Framed:
    return Framed(lambda frame, value: _java(compute, _double(frame, value)), 1)


def _of_two(compute: Callable[[float, float], float]) -> Framed:
    return Framed(lambda f, a, b: _java(compute, _double(f, a), _double(f, b)), 2)


def _double(frame: Frame, value: Value) -> float:
    """A moment that is no question's answer keeps its hours."""
    if isinstance(value, datetime):
        return local_days(value, frame.answers.clock.zone)
    return to_number(value)


def _java(compute: Callable[..., float], *numbers: float) -> float:
    """NaN where Python raises; infinity where a result is too large."""
    try:
        return float(compute(*numbers))
    except ValueError:
        return math.nan
    except OverflowError:
        return math.inf


def _log(base: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: -math.inf if number == 0 else base(number)


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    if abs(base) == 1 and math.isinf(exponent):
        return math.nan
    if base == 1 and math.isnan(exponent):
        return math.nan
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf


FUNCTIONS: dict[str, Function] = {
    "abs": _of_one(abs),
    "acos": _of_one(math.acos),
    "asin": _of_one(math.asin),
    "atan": _of_one(math.atan),
    "atan2": _of_two(math.atan2),
    "cos": _of_one(math.cos),
    "exp": _of_one(math.exp),
    "exp10": _of_one(lambda number: _power(10.0, number)),
    "int": Plain(to_integer, 1),
    "log": _of_one(_log(math.log)),
    "log10": _of_one(_log(math.log10)),
    "number": Plain(to_number, 1),
    "pi": Plain(lambda: math.pi, 0),
    "pow": _of_two(_power),
    "round": Plain(_round, 1, 2),
    "sin": _of_one(math.sin),
    "sqrt": _of_one(math.sqrt),
    "tan": _of_one(math.tan),
}
