"""Exports that a worker writes: asked for once, or on a schedule."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id


class ExportState(StrEnum):
    """waiting → running → done or failed; cancelled from either of the first two."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Every(StrEnum):
    """How often a schedule writes."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ExportSchedule(Base):
    """An export into a folder of the operator's, again and again, as its owner.

    `error_code` is why the last one failed; null after one that did not.
    """

    __tablename__ = "export_schedules"

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    folder: Mapped[str] = mapped_column(Text)
    every: Mapped[Every]
    hour: Mapped[int]
    keep: Mapped[int]
    created_at: Mapped[CreatedAt]
    next_at: Mapped[datetime] = mapped_column(index=True)
    ran_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(16))
    error_details: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Export(Base):
    """One export by a worker: what was asked, by whom and what for, and what became of it.

    `attempt` counts the workers that began it: only the last one may say how far it is. `rows` is
    the gate's Scope that the file was written with. `storage_key` is where it lies; null where it
    went into the folder of a schedule.
    """

    __tablename__ = "exports"
    __table_args__ = (
        Index("ix_exports_of_actor", "actor_id", "project_id"),
        Index("ix_exports_of_form", "form_id", "state"),
    )

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("export_schedules.id"), index=True)
    job_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(1000))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    name: Mapped[str] = mapped_column(String(255))
    state: Mapped[ExportState] = mapped_column(default=ExportState.WAITING)
    attempt: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    storage_key: Mapped[str | None] = mapped_column(String(64))
    rows: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error_code: Mapped[str | None] = mapped_column(String(16))
    error_details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
