"""Schedules of exports: which are due, and what became of the last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from server.db import db
from server.errors import NotFound
from server.models import ExportSchedule


def add_schedule(schedule: ExportSchedule) -> ExportSchedule:
    db.session.add(schedule)
    db.session.flush()
    return schedule


def get_schedule(schedule_id: int, *, project_id: int) -> ExportSchedule:
    schedule = db.session.get(ExportSchedule, schedule_id)
    if schedule is None or schedule.project_id != project_id:
        raise NotFound(subject="export_schedule", name=schedule_id)
    return schedule


def find_schedule(schedule_id: int) -> ExportSchedule | None:
    return db.session.get(ExportSchedule, schedule_id)


def list_schedules(project_id: int) -> Sequence[ExportSchedule]:
    query = select(ExportSchedule).where(ExportSchedule.project_id == project_id)
    return db.session.scalars(query.order_by(ExportSchedule.id)).all()


def list_due(now: datetime) -> Sequence[ExportSchedule]:
    query = select(ExportSchedule).where(ExportSchedule.next_at <= now)
    return db.session.scalars(query.order_by(ExportSchedule.id).with_for_update()).all()


def list_failed() -> Sequence[ExportSchedule]:
    """Those whose last export failed."""
    query = select(ExportSchedule).where(ExportSchedule.error_code.is_not(None))
    return db.session.scalars(query.order_by(ExportSchedule.id)).all()


def note_end(schedule_id: int, *, code: str | None, details: dict[str, Any] | None) -> None:
    """What became of the last one."""
    query = update(ExportSchedule).where(ExportSchedule.id == schedule_id)
    db.session.execute(query.values(error_code=code, error_details=details))


def remove_schedule(schedule_id: int) -> None:
    db.session.execute(delete(ExportSchedule).where(ExportSchedule.id == schedule_id))
