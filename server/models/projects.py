"""Projects."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id


class Project(Base):
    """A set of forms and the people who fill them.

    `catalogue` marks the state of what phones are offered and may do; caches key on it. With a key,
    every form that is published gets it, unless it brings its own.
    """

    __tablename__ = "projects"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    archived: Mapped[bool | None]
    catalogue: Mapped[int] = mapped_column(default=1)
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
