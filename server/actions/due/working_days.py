"""Working days: Monday to Friday but for holidays, and the weekend days worked in exchange."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that are not as their place in the week says."""

    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        if day in self.holidays:
            return False
        return day.weekday() < _SATURDAY or day in self.worked


def add_working_days(moment: datetime, count: int, calendar: Calendar, tz: tzinfo) -> datetime:
    """The same time of day on the `count`-th working day after the moment's own day there.

    The day itself never counts, be it a working day or not: what comes on a Saturday morning has
    its fifth working day on Friday. The moment has a time zone, and so has the answer: `tz`.
    """
    local = moment.astimezone(tz)
    day = local.date()
    left = count
    while left > 0:
        day += timedelta(days=1)
        if calendar.is_working(day):
            left -= 1
    return local if count == 0 else datetime.combine(day, local.time(), tz)
