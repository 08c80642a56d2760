"""Links that let whoever holds them fill one form."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base

from .actors import Actor


class PublicLink(Base):
    """A way in to one form. `used_at` is set by the first submission where only one is taken."""

    __tablename__ = "public_links"

    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[str] = mapped_column(String(500))
    once: Mapped[bool] = mapped_column(default=False)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    actor: Mapped[Actor] = relationship(lazy="joined", foreign_keys=actor_id)
