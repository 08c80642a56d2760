"""What restricted forms say of entities: kept apart from the lists, joined for those who may."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, utc_now


class RestrictedFact(Base):
    """What the newest version of a submission says of an entity.

    Older versions are in the submission alone. A fact stays with the entity that the slip named,
    also while that one is merged into another.
    """

    __tablename__ = "restricted_facts"

    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(249), primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("submissions.id"), primary_key=True, index=True
    )
    submission_version_id: Mapped[int] = mapped_column(ForeignKey("submission_versions.id"))
    value: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = mapped_column(default=utc_now)
