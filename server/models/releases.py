"""Releases: each one handing over of de-identified data."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id


class Release(Base):
    """What for, to whom, and until when they may keep it; `form_id` is the form it began with.

    `key_sealed` makes the pseudonyms. It is null once the day is over: then nobody can make them
    again.
    """

    __tablename__ = "releases"

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    purpose: Mapped[str] = mapped_column(String(1000))
    recipient: Mapped[str] = mapped_column(String(1000))
    until: Mapped[date]
    key_sealed: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[CreatedAt]
