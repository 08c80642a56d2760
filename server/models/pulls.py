"""How far submissions of another server have been pulled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Id, utc_now


class PullCursor(Base):
    """One form of one source: the cursor after the last page that is here, and what failed so far.

    The source is a hash, because its address may hold a token.
    """

    __tablename__ = "pull_cursors"
    __table_args__ = (UniqueConstraint("project_id", "source_sha256", "xml_form_id"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    source_sha256: Mapped[str] = mapped_column(String(64))
    xml_form_id: Mapped[str] = mapped_column(String(249))
    cursor: Mapped[str] = mapped_column(Text, default="")
    failed: Mapped[list[str]] = mapped_column(JSON, default=list)
    pulled_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
