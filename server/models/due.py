"""What must be done about cases and children by when, and the days on which nobody works."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base

_IS_UNHEARD = text("told_at IS NOT NULL AND heard_at IS NULL")


class DueKind(StrEnum):
    """emergency: measures within 12 hours; plan: approved within 5 working days; visit: a day."""

    EMERGENCY = "emergency"
    PLAN = "plan"
    VISIT = "visit"


class DueItem(Base):
    """One thing that is to be done about an entity and is not done yet.

    Derived from the entity in the transaction that changes it; what is done, or closed, has no
    row. `told_at` is when it was written into the audit log that it is overdue, `heard_at` when a
    mail of that was queued to somebody. `child_uuid` is, of a visit, the child that it is about:
    of a case's the one to which the case is linked, if there is one. No index begins with the
    list: SQLite would rather read all of a list than ask for a few communes.
    """

    __tablename__ = "due_items"
    __table_args__ = (
        Index("ix_due_items_by_village", "village_code", "dataset_id"),
        Index("ix_due_items_by_commune", "edition", "commune_code", "dataset_id"),
        Index("ix_due_items_of_child", "child_uuid", "due_at", "dataset_id"),
        Index("ix_due_items_untold", "told_at", "due_at"),
        Index(
            "ix_due_items_unheard",
            "entity_id",
            "kind",
            sqlite_where=_IS_UNHEARD,
            postgresql_where=_IS_UNHEARD,
        ),
    )

    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    kind: Mapped[DueKind] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"))
    village_code: Mapped[str | None] = mapped_column(String(32))
    edition: Mapped[str | None] = mapped_column(String(32))
    commune_code: Mapped[str | None] = mapped_column(String(16))
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    child_uuid: Mapped[str | None] = mapped_column(String(36))


class Holiday(Base):
    """A day on which nobody works; or (`is_worked`) a Saturday or Sunday that is worked instead."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    is_worked: Mapped[bool] = mapped_column(default=False)
