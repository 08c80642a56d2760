"""Dates and times as JavaRosa reads and writes them (its DateUtils): naive, in the phone's zone.

Every parser returns None for what JavaRosa does not take for a date.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from forms.errors import NotEvaluated

from .numbers import parse_double, parse_integer

_EPOCH = datetime(1970, 1, 1)
VIETNAM = timezone(timedelta(hours=7))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
IN_WORDS = frozenset("ab")
"""Escapes whose text depends on the phone's language."""
_ESCAPES: dict[str, Callable[[datetime], str]] = {
    "%": lambda _: "%",
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "n": lambda at: str(at.month),
    "b": lambda at: _MONTHS[at.month - 1],
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "H": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "3": lambda at: f"{at.microsecond // 1000:03}",
    "a": lambda at: _DAYS[at.weekday()],
}


@dataclass(frozen=True, slots=True)
class Clock:
    """When the slip was filled, as its phone's clock showed it, and in which zone."""

    now: datetime
    zone: tzinfo = VIETNAM

    @property
    def today(self) -> datetime:
        return datetime.combine(self.now.date(), time())


def parse_moment(text: str, zone: tzinfo) -> datetime | None:
    """A date, or a date and a time with `T` between them; an offset leads into the zone."""
    day_text, has_time, time_text = text.partition("T")
    day = _parse_day(day_text)
    if day is None or not has_time:
        return datetime.combine(day, time()) if day else None
    return _parse_time(time_text, day, zone)


def parse_date(text: str) -> datetime | None:
    day = _parse_day(text)
    return datetime.combine(day, time()) if day else None


def parse_time(text: str, clock: Clock) -> datetime | None:
    """A time of today; JavaRosa knows no other."""
    return _parse_time(text, clock.now.date(), clock.zone)


def add_days(days: int) -> datetime:
    """The day so many days after the epoch."""
    return _checked(lambda: datetime(1970, 1, 1) + timedelta(days=days))


def from_utc_days(days: float, zone: tzinfo) -> datetime:
    """The moment so many days after the epoch in Greenwich, as a clock in the zone shows it."""
    moment = datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = int(days * 86_400_000)
    in_zone = _checked(lambda: moment + timedelta(milliseconds=milliseconds)).astimezone(zone)
    return in_zone.replace(tzinfo=None)


def utc_days(moment: datetime, zone: tzinfo) -> float:
    """Days since the epoch in Greenwich, hours as a fraction."""
    gone = moment.replace(tzinfo=zone) - datetime(1970, 1, 1, tzinfo=UTC)
    return gone // timedelta(milliseconds=1) / 86_400_000


def local_days(moment: datetime, zone: tzinfo) -> float:
    """Days since midnight of the epoch's day in the zone; what abs() makes of a date."""
    gone = moment.replace(tzinfo=zone).astimezone(UTC) - _EPOCH.replace(tzinfo=zone)
    return gone // timedelta(milliseconds=1) / 86_400_000


def time_days(moment: datetime, clock: Clock) -> float:
    """As utc_days, plus the zone's offset of now, whichever it was then."""
    offset = clock.now.replace(tzinfo=clock.zone).utcoffset() or timedelta()
    gone = moment.replace(tzinfo=clock.zone) - _EPOCH.replace(tzinfo=UTC) + offset
    return gone // timedelta(milliseconds=1) / 86_400_000


def format_moment(moment: datetime, pattern: str) -> str:
    """With the escapes of format-date(); week numbers differ from phone to phone."""
    parts: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter != "%":
            parts.append(letter)
            continue
        escape = _ESCAPES.get(next(letters, ""))
        if escape is None:
            raise NotEvaluated(f"«{pattern}» is no format of a date")
        parts.append(escape(moment))
    return "".join(parts)


def iso_moment(moment: datetime, zone: tzinfo) -> str:
    """As an answer is written: `2026-11-20T09:12:00.000+07:00`."""
    return f"{moment.date().isoformat()}T{iso_time(moment, zone)}"


def iso_time(moment: datetime, zone: tzinfo) -> str:
    offset = moment.replace(tzinfo=zone).strftime("%z")
    zone_text = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}{zone_text}"


def _parse_day(text: str) -> date | None:
    parts = [parse_integer(part) for part in text.split("-")]
    match parts:
        case [int(year), int(month), int(day)]:
            return _day(year, month, day)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _parse_time(text: str, day: date, zone: tzinfo) -> datetime | None:
    cut = _cut_offset(text)
    at = _clock_time(cut[0]) if cut else None
    if cut is None or at is None:
        return None
    offset = cut[1]
    if offset is None:
        return datetime.combine(day, at)
    moment = _checked(lambda: datetime.combine(day, at, UTC) - offset)
    return moment.astimezone(zone).replace(tzinfo=None)


def _cut_offset(text: str) -> tuple[str, timedelta | None] | None:
    """The time without its zone, and the zone; None where that cannot be read."""
    if text.endswith("Z"):
        return text[:-1], timedelta()
    sign = "+" if "+" in text else "-"
    at, *offsets = text.split(sign)
    if not offsets:
        return at, None
    hours, *minutes = map(parse_integer, offsets[0].split(":"))
    minute = minutes[0] if minutes else 0
    if hours is None or minute is None:
        return None
    shift = timedelta(hours=hours, minutes=minute)
    return at, shift if sign == "+" else -shift


def _clock_time(text: str) -> time | None:
    hour, minute, *rest = [*text.split(":"), "", ""]
    seconds = rest[0] if len(rest) == 3 else "0"
    if len(rest) not in (2, 3):
        return None
    digits = seconds[: next((i for i, c in enumerate(seconds) if c not in "0123456789."), None)]
    second = parse_double(digits)
    hours, minutes = parse_integer(hour), parse_integer(minute)
    if hours is None or minutes is None or math.isnan(second):
        return None
    try:
        thousandths = int(1000.0 * second - 1000.0 * int(second))
        return time(hours, minutes, int(second), thousandths * 1000)
    except ValueError:
        return None


def _checked(compute: Callable[[], datetime]) -> datetime:
    try:
        return compute()
    except OverflowError as error:
        raise NotEvaluated("the date lies outside the years 1 to 9999") from error
