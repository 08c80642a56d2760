"""Change the holidays, by hand or from a CSV; every open plan then has its days counted again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from server.actions.due.keeping import keep_plans
from server.actions.unit_files import Row, read_rows
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.errors import NotFound, TextTooLong, ValueNotAllowed
from server.queries import audits, holidays, projects
from server.queries.unit_tables import Changed

HEADERS = (("day", "name", "worked"), ("day", "name"))
_LONGEST = 100
_SATURDAY = 5
_WORKED = {"": False, "0": False, "1": True}
_Day = tuple[date, str, bool]


def add_holiday(day: date, name: str, *, is_worked: bool, by: Caller) -> Changed:
    """Or another name for it. Raises ValueNotAllowed for an exchange that is no weekend day."""
    _require(by)
    if len(name) > _LONGEST:
        raise TextTooLong(limit=_LONGEST)
    if is_worked and day.weekday() < _SATURDAY:
        raise ValueNotAllowed(
            subject="worked_day", field="day", value=day.isoformat(), reason="weekday"
        )
    changed = holidays.bring_holidays([(day, name, is_worked)])
    _settle("holiday.create", [day], by)
    return changed


def remove_holiday(day: date, *, by: Caller) -> None:
    _require(by)
    if not holidays.remove_holiday(day):
        raise NotFound(subject="holiday", name=day.isoformat())
    _settle("holiday.delete", [day], by)


def import_holidays(name: str, content: bytes, *, by: Caller) -> Changed:
    """All rows or none; days that the file does not name stay. Raises UnitFileRefused."""
    _require(by)
    _, rows = read_rows(name, content, HEADERS)
    days: dict[date, _Day] = {}
    for row in rows:
        taken = _read(row)
        if taken[0] in days:
            raise row.refuse("unit_twice", code=row["day"])
        days[taken[0]] = taken
    changed = holidays.bring_holidays(days.values())
    _settle("holiday.import", sorted(days), by)
    return changed


def _read(row: Row) -> _Day:
    try:
        day = date.fromisoformat(row["day"])
    except ValueError:
        raise _refused(row, "day", "YYYY-MM-DD") from None
    if not 0 < len(row["name"]) <= _LONGEST:
        raise _refused(row, "name", f"1–{_LONGEST}")
    is_worked = _WORKED.get(row.cells.get("worked", ""))
    if is_worked is None:
        raise _refused(row, "worked", "0, 1")
    if is_worked and day.weekday() < _SATURDAY:
        raise row.refuse("worked_day", value=row["day"])
    return day, row["name"], is_worked


def _refused(row: Row, column: str, allowed: str) -> Exception:
    value = row.cells.get(column, "")[:100]
    return row.refuse("unit_value", value=value, column=column, allowed=allowed)


def _settle(action: str, days: Sequence[date], by: Caller) -> None:
    keep_plans(tz=by.occasion.tz)
    audits.log(by, action, "config", None, days=[day.isoformat() for day in days[:100]])


def _require(by: Caller) -> None:
    """Working days are the whole installation's."""
    require(by, Verb.CONFIG_SET, project_id=projects.get_project().id)
