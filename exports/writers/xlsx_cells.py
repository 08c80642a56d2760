"""How an answer becomes a cell: of its type where the cell holds it exactly, else text.

A moment with an offset is shown in the dataset's zone, one without as it stands; a time of day
keeps the clock that was read. The text as it was sent is in the CSV.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from functools import partial
from typing import Any

from exports.tables import Column

MAX_TEXT = 32_767
_CUT = "… [32.767]"
# A double keeps 15 digits, whatever their place; a code's leading zero or plus it does not.
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_MAX_DIGITS = 15
_MAX_LENGTH = 40  # far from the smallest double
_DATE = re.compile(r"(19[1-9]\d|2\d{3})-\d\d-\d\d", re.ASCII)
_TIME = r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d(:?\d\d)?)?"  # a cell holds milliseconds
_MOMENT = re.compile(rf"{_DATE.pattern}T{_TIME}", re.ASCII)
_CLOCK = re.compile(_TIME, re.ASCII)

WriteCell = Callable[[Any, int, int, str], None]


@dataclass(frozen=True, slots=True)
class Styles:
    """The cell formats of a workbook, and the zone in which its moments are read."""

    tz: tzinfo
    heading: Any
    text: Any
    date: Any
    moment: Any
    time: Any

    @classmethod
    def of(cls, workbook: Any, tz: tzinfo) -> Styles:
        heading = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDEBF7"}
        return cls(
            tz,
            heading=workbook.add_format(heading),
            text=workbook.add_format({"num_format": "@"}),
            date=workbook.add_format({"num_format": "dd/mm/yyyy"}),
            moment=workbook.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
            time=workbook.add_format({"num_format": "hh:mm:ss"}),
        )


def cell_writer(column: Column, styles: Styles) -> WriteCell:
    """How to write a value of that type; what does not fit the type exactly is written as text."""
    writers: dict[str, WriteCell] = {
        "int": _number_writer(styles),
        "decimal": _number_writer(styles),
        "date": _time_writer(_parse_date, styles.date, styles),
        "dateTime": _time_writer(partial(_parse_moment, tz=styles.tz), styles.moment, styles),
        "time": _time_writer(_parse_time, styles.time, styles),
    }
    return writers.get(column.type) or partial(_write_text, style=styles.text)


def _write_text(sheet: Any, row: int, at: int, value: str, style: Any) -> None:
    if len(value) > MAX_TEXT:
        value = value[: MAX_TEXT - len(_CUT)] + _CUT
    sheet.write_string(row, at, value, style)


def _number_writer(styles: Styles) -> WriteCell:
    def write(sheet: Any, row: int, at: int, value: str) -> None:
        if is_exact_number(value):
            sheet.write_number(row, at, float(value))
        else:
            _write_text(sheet, row, at, value, styles.text)

    return write


def _time_writer(parse: Callable[[str], date | time], style: Any, styles: Styles) -> WriteCell:
    def write(sheet: Any, row: int, at: int, value: str) -> None:
        try:
            found = parse(value)
        except (ValueError, OverflowError):
            _write_text(sheet, row, at, value, styles.text)
        else:
            sheet.write_datetime(row, at, found, style)

    return write


def is_exact_number(value: str) -> bool:
    """True where a double holds the number: `3.0` is one, `007` and 16 digits are not."""
    if len(value) > _MAX_LENGTH or not _NUMBER.fullmatch(value):
        return False
    whole, _, fraction = value.lstrip("-").partition(".")
    return len((whole + fraction.rstrip("0")).lstrip("0")) <= _MAX_DIGITS


def _parse_date(value: str) -> date:
    return date.fromisoformat(_matching(_DATE, value))


def _parse_moment(value: str, tz: tzinfo) -> datetime:
    moment = datetime.fromisoformat(_matching(_MOMENT, value))
    return moment.astimezone(tz).replace(tzinfo=None) if moment.tzinfo else moment


def _parse_time(value: str) -> time:
    return time.fromisoformat(_matching(_CLOCK, value)).replace(tzinfo=None)


def _matching(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(value)
    return value
