"""Holidays, and the weekend days that are worked in exchange."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Row, delete, extract, select

from server.db import execute
from server.models import Holiday
from server.queries.unit_tables import Changed, bring

HolidayRow = Row[date, str, bool]
"""(day, name, is_worked)"""
_ALL = select(Holiday.day, Holiday.name, Holiday.is_worked).order_by(Holiday.day)


def list_holidays(year: int | None = None) -> Sequence[HolidayRow]:
    """By day; those of one year, or all."""
    query = _ALL if year is None else _ALL.where(extract("year", Holiday.day) == year)
    rows: Sequence[HolidayRow] = execute(query).all()
    return rows


def bring_holidays(days: Iterable[tuple[date, str, bool]]) -> Changed:
    """Add and change (day, name, is_worked); the other days stay."""
    rows = ({"day": day, "name": name, "is_worked": worked} for day, name, worked in days)
    return bring(Holiday, rows)


def remove_holiday(day: date) -> bool:
    """False where there is none on that day."""
    result = execute(delete(Holiday).where(Holiday.day == day))
    return bool(result.rowcount)
