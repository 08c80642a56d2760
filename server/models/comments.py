"""What people say of a submission."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id


class Comment(Base):
    """One remark, never changed. It may name people, so erasure destroys it (docs/consent.md)."""

    __tablename__ = "comments"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
