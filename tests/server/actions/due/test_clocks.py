"""What a case or a child makes due, by its properties."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.actions.due.clocks import find_due
from server.actions.due.codes import case_code
from server.actions.due.working_days import Calendar
from server.models import DueKind

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TET = Calendar(frozenset(date(2026, 2, day) for day in range(17, 22)))
HEARD = datetime(2026, 3, 1, tzinfo=UTC)
CASE = {"received_at": "2026-02-13T23:30:00", "emergency": "1", "status": "open"}


def due(list_name: str, known_since: datetime = HEARD, **data: str) -> dict[str, str]:
    """By kind, where the installation is."""
    found = find_due(list_name, data, known_since=known_since, calendar=TET, tz=HANOI)
    return {kind.value: f"{at.astimezone(HANOI):%Y-%m-%d %H:%M}" for kind, at in found.items()}


def test_an_emergency_at_2330_on_the_friday_before_tet():
    assert due("case", **CASE) == {
        "emergency": "2026-02-14 11:30",
        "plan": "2026-02-26 23:30",
    }


def test_a_clock_of_hours_takes_no_notice_of_the_zone_or_the_time_of_year():
    berlin = ZoneInfo("Europe/Berlin")
    night = {**CASE, "received_at": "2026-03-28T23:30:00"}
    late = HEARD + timedelta(days=60)

    found = find_due("case", night, known_since=late, calendar=TET, tz=berlin)

    assert found[DueKind.EMERGENCY] == datetime(2026, 3, 29, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"emergency": "0"}, {"plan"}),
        ({"emergency_at": "2026-02-14T01:00:00.000+07:00"}, {"plan"}),
        ({"next_visit": "2026-03-02"}, {"plan", "visit"}),
        ({"plan_approved": "2026-02-20"}, set()),
        ({"plan_approved": "2026-02-20", "next_visit": "2026-03-02"}, {"visit"}),
        ({"status": "closed", "next_visit": "2026-03-02"}, set()),
        ({"status": "monitoring"}, {"emergency", "plan"}),
        ({"received_at": ""}, set()),
    ],
)
def test_what_is_done_is_not_due(said, left):
    assert set(due("case", **{**CASE, **said})) == left


def test_a_visit_is_due_until_its_day_ends():
    assert due("child", next_visit="2026-03-02", status="1") == {"visit": "2026-03-02 23:59"}
    assert due("case", status="open", next_visit="2026-03-02") == {"visit": "2026-03-02 23:59"}


@pytest.mark.parametrize("status", ["2", "3", "4", "5"])
def test_a_child_that_left_is_not_visited(status):
    assert due("child", next_visit="2026-03-02", status=status) == {}


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01", "9999-12-31T23:59:59", "2026-13-01"])
def test_a_clock_runs_from_the_report_where_the_moment_cannot_be_read(text):
    heard = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    assert due("case", heard, **{**CASE, "received_at": text}) == {
        "emergency": "2026-11-23 21:00",
        "plan": "2026-11-30 09:00",
    }
    assert due("child", next_visit=text, status="1") == {}


def test_nothing_was_received_later_than_its_report():
    heard = datetime(2026, 2, 13, 2, 0, tzinfo=UTC)

    assert due("case", heard, **CASE)["emergency"] == "2026-02-13 21:00"


def test_other_lists_have_no_clocks():
    assert due("household", **CASE, next_visit="2026-03-02") == {}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2602-1a2b3", "2602-1a2b3"),
        ("Nguyễn Thị Lan", "0f3c9a17"),
        ("Lan", "0f3c9a17"),
        ("Lan 2014", "0f3c9a17"),
        ("", "0f3c9a17"),
    ],
)
def test_what_looks_like_no_code_is_not_told(said, shown):
    assert case_code({"case_code": said}, "0f3c9a17-0000-4000-8000-000000000000") == shown
