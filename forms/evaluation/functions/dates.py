"""Dates and times."""

from __future__ import annotations

import math
from datetime import datetime, time

from forms.errors import NotEvaluated

from ..frames import Frame
from ..moments import add_days, format_moment, from_utc_days, parse_moment, time_days, utc_days
from ..values import Atom, Value, to_integer, to_text, unpack
from .kinds import Framed, Function

_MAX_DAYS = 2**31 - 1


def _date(frame: Frame, value: Value) -> Atom:
    """Text keeps its hours, strange as that is; a moment loses them."""
    atom = unpack(value)
    if isinstance(atom, datetime):
        return datetime.combine(atom.date(), time())
    if isinstance(atom, float):
        days = to_integer(atom)
        return days if math.isnan(days) else add_days(int(_checked(days)))
    return _of_text(frame, atom)


def _date_time(frame: Frame, value: Value) -> Atom:
    atom = unpack(value)
    if isinstance(atom, datetime) or (isinstance(atom, float) and math.isnan(atom)):
        return atom
    if isinstance(atom, float):
        return from_utc_days(_checked(atom), frame.answers.clock.zone)
    return _of_text(frame, atom)


def _of_text(frame: Frame, atom: Atom) -> Atom:
    """Empty stays empty; everything else must be a date, or JavaRosa ends the form."""
    if atom == "":
        return atom
    moment = parse_moment(atom, frame.answers.clock.zone) if isinstance(atom, str) else None
    if moment is None:
        raise NotEvaluated(f"«{to_text(atom)}» is no date")
    return moment


def _checked(days: float) -> float:
    if abs(days) > _MAX_DAYS:
        raise NotEvaluated(f"{days} days are no date")
    return days


def _decimal_date_time(frame: Frame, value: Value) -> Atom:
    atom = unpack(value)
    if isinstance(atom, float):
        return atom if math.isnan(atom) else _checked(atom)
    moment = atom if isinstance(atom, datetime) else _of_text(frame, atom)
    if not isinstance(moment, datetime):
        return moment
    return utc_days(moment, frame.answers.clock.zone)


def _decimal_time(frame: Frame, value: Value) -> Atom:
    atom = unpack(value)
    if isinstance(atom, float):
        return atom if math.isnan(atom) else _checked(atom) - math.floor(atom)
    moment = atom if isinstance(atom, datetime) else _of_text(frame, atom)
    if not isinstance(moment, datetime):
        return moment
    clock = frame.answers.clock
    days = time_days(moment, clock)
    return days - math.floor(days)


def _format(frame: Frame, value: Value, pattern: Value) -> str:
    moment = _date_time(frame, value)
    return format_moment(moment, to_text(pattern)) if isinstance(moment, datetime) else ""


FUNCTIONS: dict[str, Function] = {
    "date": Framed(_date, 1),
    "date-time": Framed(_date_time, 1),
    "decimal-date-time": Framed(_decimal_date_time, 1),
    "decimal-time": Framed(_decimal_time, 1),
    "format-date": Framed(_format, 2),
    "format-date-time": Framed(_format, 2),
    "now": Framed(lambda frame: frame.answers.clock.now, 0),
    "today": Framed(lambda frame: frame.answers.clock.today, 0),
}
