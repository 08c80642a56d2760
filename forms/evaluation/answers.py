"""The text of a node → its typed value, and a calculated value → the text that Collect writes.

Sources: JavaRosa's XFormAnswerDataParser, IAnswerData.wrapData and XFormAnswerDataSerializer.
A text that its type cannot hold reads as "": what the check of types is for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from forms.definitions import Field

from .moments import Clock, iso_moment, iso_time, parse_date, parse_moment, parse_time
from .numbers import format_double, parse_double, parse_integer
from .points import format_point, format_points, parse_point, parse_points
from .values import Atom, to_boolean, to_text

Reader = Callable[[str, Clock], Atom]
_LONG = 2**63


def choose_reader(field: Field) -> Reader | None:
    """None where the text is the value."""
    if field.control in ("select", "rank"):
        return _read_selection
    return _READERS.get(field.bind.type)


def write_answer(value: Atom, bind_type: str, clock: Clock) -> str:
    """The text of a calculation in the submission; "" where there is none."""
    if value == "" or (isinstance(value, float) and math.isnan(value)):
        return ""
    if bind_type == "boolean" or isinstance(value, bool):
        return "1" if to_boolean(value) else "0"
    if isinstance(value, float):
        return _write_number(value, bind_type)
    if isinstance(value, datetime):
        return _write_moment(value, bind_type, clock)
    reader = _READERS.get(bind_type) if bind_type.startswith("geo") else None
    return to_text(reader(value, clock)) if reader else value


def _write_number(value: float, bind_type: str) -> str:
    whole = int(max(-_LONG, min(_LONG - 1, value)))
    if bind_type == "int":
        return str(max(-(2**31), min(2**31 - 1, whole)))
    return str(whole) if abs(value - whole) < 1e-9 else format_double(value)


def _write_moment(value: datetime, bind_type: str, clock: Clock) -> str:
    if bind_type == "date":
        return value.date().isoformat()
    if bind_type == "time":
        return iso_time(value, clock.zone)
    return iso_moment(value, clock.zone)


def _read_selection(text: str, _: Clock) -> Atom:
    return " ".join(code for code in text.split(" ") if code)


def _read_integer(text: str, _: Clock) -> Atom:
    number = parse_integer(text)
    return "" if number is None or not -(2**31) <= number < 2**31 else float(number)


def _read_decimal(text: str, _: Clock) -> Atom:
    number = parse_double(text)
    return "" if math.isnan(number) and text != "NaN" else number


def _read_date(text: str, _: Clock) -> Atom:
    return parse_date(text) or ""


def _read_moment(text: str, clock: Clock) -> Atom:
    return parse_moment(text, clock.zone) or ""


def _read_time(text: str, clock: Clock) -> Atom:
    return parse_time(text, clock) or ""


def _read_boolean(text: str, _: Clock) -> Atom:
    return text in ("1", "t")


def _read_point(text: str, _: Clock) -> Atom:
    point = parse_point(text)
    return format_point(point) if point else ""


def _read_points(text: str, _: Clock) -> Atom:
    points = parse_points(text)
    return format_points(points) if points else ""


_READERS: dict[str, Reader] = {
    "int": _read_integer,
    "integer": _read_integer,
    "long": _read_decimal,
    "decimal": _read_decimal,
    "date": _read_date,
    "dateTime": _read_moment,
    "time": _read_time,
    "boolean": _read_boolean,
    "geopoint": _read_point,
    "geotrace": _read_points,
    "geoshape": _read_points,
}
