"""Work to be done later, inserted in the transaction that wants it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id, utc_now


class JobState(StrEnum):
    """waiting → running → done; failed after its last attempt."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One call of a function in `server.jobs`, by name, with ids as arguments."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "state", "run_at"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    run_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_at: Mapped[CreatedAt]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
