"""Who did what to what, and when. Rows are only ever added: the database refuses the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Id, utc_now


class Audit(Base):
    """One change, or one reading of what is restricted.

    `action` is Central's word (`submission.create`); details hold no answers. `source` is from
    where, `notes` what the person said it was for.
    """

    __tablename__ = "audits"
    __table_args__ = (
        Index("ix_audits_logged", "logged_at", "id"),
        Index("ix_audits_action", "action", "logged_at", "id"),
        Index("ix_audits_actor", "actor_id", "action", "logged_at", "id"),
        Index("ix_audits_actee", "actee_type", "actee_id", "logged_at", "id"),
        Index("ix_audits_source", "source", "action", "logged_at", "id"),
    )

    id: Mapped[Id]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    action: Mapped[str] = mapped_column(String(64))
    actee_type: Mapped[str] = mapped_column(String(32))
    actee_id: Mapped[int | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    source: Mapped[str | None] = mapped_column(String(64))
    notes: Mapped[str | None] = mapped_column(String(1000))
    logged_at: Mapped[datetime] = mapped_column(default=utc_now)
