"""Ages in completed years, counted as the form counts them."""

from datetime import date


def completed_years(born: date, day: date) -> int:
    """The form's age_years: the difference of the dates written as yyyymmdd, in ten thousands."""
    return max(0, (_digits(day) - _digits(born)) // 10000)


def years_before(day: date, years: int) -> date:
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - years, day=last)


def _digits(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day
