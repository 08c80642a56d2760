"""Working days, whatever the moment, the holidays and the zone."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.actions.due.working_days import Calendar, add_working_days
from tests.helpers.slips import ROOT

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TET_2026 = frozenset(date(2026, 2, day) for day in range(17, 22))
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
COUNTS = st.integers(0, 12)


@st.composite
def calendars(draw) -> Calendar:
    worked = draw(st.frozensets(DAYS, max_size=20))
    return Calendar(draw(st.frozensets(DAYS, max_size=60)), worked)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@given(MOMENTS, COUNTS, calendars())
def test_exactly_so_many_working_days_lie_behind_the_day_and_up_to_the_answer(
    moment, count, calendar
):
    start = moment.astimezone(HANOI)

    end = add_working_days(moment, count, calendar, HANOI)

    between = (start.date() + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert sum(map(calendar.is_working, between)) == count
    assert end.time() == start.time()
    assert count == 0 or calendar.is_working(end.date())


@given(MOMENTS, COUNTS, COUNTS, calendars())
def test_two_steps_are_one(moment, first, second, calendar):
    in_steps = add_working_days(
        add_working_days(moment, first, calendar, HANOI), second, calendar, HANOI
    )

    assert in_steps == add_working_days(moment, first + second, calendar, HANOI)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=10)), COUNTS, calendars())
def test_what_came_later_is_not_due_earlier_but_for_its_time_of_day(moment, after, count, calendar):
    earlier = add_working_days(moment, count, calendar, HANOI)
    later = add_working_days(moment + after, count, calendar, HANOI)

    assert later.date() >= earlier.date()


@given(MOMENTS, COUNTS, calendars(), DAYS)
def test_another_holiday_makes_nothing_due_earlier(moment, count, calendar, day):
    more = Calendar(calendar.holidays | {day}, calendar.worked)

    assert add_working_days(moment, count, more, HANOI) >= add_working_days(
        moment, count, calendar, HANOI
    )


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-23T09:00", "2026-11-30T09:00"),
        ("2026-11-27T16:30", "2026-12-04T16:30"),
        ("2026-11-28T10:00", "2026-12-04T10:00"),
        ("2026-02-13T23:30", "2026-02-26T23:30"),
        ("2026-02-17T08:00", "2026-02-27T08:00"),
    ],
    ids=["monday", "friday", "saturday", "friday before Tết", "first of Tết"],
)
def test_five_working_days(start, expected):
    assert add_working_days(at(start), 5, Calendar(TET_2026), HANOI) == at(expected)


def test_what_falls_on_a_weekend_is_made_up_but_for_tet():
    """Labour Code art. 111(3); of Tết the government announces it."""
    with (ROOT / "server/data/holidays.csv").open(encoding="utf-8", newline="") as file:
        days = {date.fromisoformat(row["day"]): row["name"] for row in csv.DictReader(file)}

    for day, name in days.items():
        if day.weekday() > 4 and not name.startswith("Tết Âm lịch"):
            monday = day + timedelta(days=7 - day.weekday())
            assert days.get(monday, "") == f"Nghỉ bù {name}"


def test_a_saturday_that_is_worked_in_exchange_counts():
    calendar = Calendar(frozenset({date(2026, 11, 23)}), frozenset({date(2026, 11, 28)}))

    assert add_working_days(at("2026-11-20T09:00"), 5, calendar, HANOI) == at("2026-11-28T09:00")


def test_the_day_is_that_of_the_zone():
    sunday_there = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)

    assert add_working_days(sunday_there, 1, Calendar(), HANOI) == at("2026-11-23T00:30")
