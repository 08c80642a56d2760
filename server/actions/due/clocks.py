"""What an entity's properties make due, and until when. The server computes it, not the form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from server.actions.due.working_days import Calendar, add_working_days
from server.models import DueKind

CASES, CHILDREN = "case", "child"
"""The lists about which something can be due."""
HOURS = timedelta(hours=12)
PLAN_DAYS = 5
_YES = "1"
_RESIDENT = ("", "1")
_LAST_MINUTE = time(23, 59, 59)
_YEARS = range(2000, 2200)


def find_due(
    list_name: str,
    data: Mapping[str, str],
    *,
    known_since: datetime,
    calendar: Calendar,
    tz: tzinfo,
) -> dict[DueKind, datetime]:
    """What is to be done still, and by when (UTC).

    A visit is due until its day ends. `known_since` is when the server heard of the entity: no
    information was received later than its report, and where the time of receipt cannot be read
    the clocks start there.
    """
    found = _find_clocks(data, known_since, calendar, tz) if list_name == CASES else {}
    day = _visit_day(list_name, data)
    if day is not None:
        found[DueKind.VISIT] = datetime.combine(day, _LAST_MINUTE, tz)
    return {kind: moment.astimezone(UTC) for kind, moment in found.items()}


def may_be_due(list_name: str, data: Mapping[str, str]) -> bool:
    """False where nothing can come of the properties, whatever the day."""
    return list_name == CASES or (list_name == CHILDREN and bool(data.get("next_visit")))


def _find_clocks(
    data: Mapping[str, str], known_since: datetime, calendar: Calendar, tz: tzinfo
) -> dict[DueKind, datetime]:
    """Emergency measures are taken when `emergency_at` says so, or a follow-up came: it says more
    than they do.
    """
    if _is_closed(data) or not data.get("received_at") or data.get("plan_approved"):
        return {}
    received = _read_moment(data["received_at"], tz)
    start = known_since if received is None else min(received, known_since)
    clocks = {DueKind.PLAN: add_working_days(start, PLAN_DAYS, calendar, tz)}
    is_met = data.get("emergency_at") or data.get("next_visit")
    if data.get("emergency") == _YES and not is_met:
        clocks[DueKind.EMERGENCY] = start.astimezone(UTC) + HOURS
    return clocks


def _visit_day(list_name: str, data: Mapping[str, str]) -> date | None:
    is_over = _is_closed(data) if list_name == CASES else data.get("status", "") not in _RESIDENT
    if list_name not in (CASES, CHILDREN) or is_over:
        return None
    moment = _read_moment(data.get("next_visit", ""), UTC)
    return moment.date() if moment is not None else None


def _is_closed(data: Mapping[str, str]) -> bool:
    return data.get("status") == "closed"


def _read_moment(text: str, tz: tzinfo) -> datetime | None:
    """A moment or a day as forms write it, without a zone the installation's; else None."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.year not in _YEARS:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=tz)
