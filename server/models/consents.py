"""What households said when they were asked whether their answers may be processed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Id, utc_now


class ConsentState(StrEnum):
    """given → withdrawn; refused stays."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Consent(Base):
    """The consent of one visit (domain.md §2.6), derived from the current version of its slip.

    `household_key` is empty where the form makes none, as after a refusal. `text_version` is the
    form version whose text was read aloud. The columns of a withdrawal are not derived.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_household", "project_id", "household_key"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), unique=True)
    submission_version_id: Mapped[int] = mapped_column(ForeignKey("submission_versions.id"))
    household_key: Mapped[str | None] = mapped_column(String(249))
    state: Mapped[ConsentState]
    basis: Mapped[str | None] = mapped_column(String(64))
    given_at: Mapped[datetime | None]
    text_version: Mapped[str] = mapped_column(String(249))
    collected_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=utc_now)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    reason: Mapped[str | None] = mapped_column(String(1000))
