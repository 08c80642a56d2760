"""Edits that arrived before what they edit (openrosa.md §7.9): kept whole until it comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Id, utc_now


class HeldEdit(Base):
    """One edit; `files` are those that came with it, already in the storage."""

    __tablename__ = "held_edits"
    __table_args__ = (
        UniqueConstraint("form_id", "instance_id"),
        Index("ix_held_edits_form_id_deprecated_id", "form_id", "deprecated_id"),
    )

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    instance_id: Mapped[str] = mapped_column(String(249))
    deprecated_id: Mapped[str] = mapped_column(String(249))
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    size: Mapped[int] = mapped_column(BigInteger)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    device_id: Mapped[str | None] = mapped_column(String(255))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
