"""What the server noticed in a submission."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from forms.declared_checks import Severity
from server.db import Base, CreatedAt, Id


class Origin(StrEnum):
    """Who found it: what a check found, the next check replaces."""

    RECEIPT = "receipt"
    CHECK = "check"


class Finding(Base):
    """One thing noticed in one version; derived, so never a reason to refuse (design, promise 4).

    `code` is one of docs/checks.md or the id of a check that the form declares. `path` is that of
    the field it is about, if any, with the index of each repeat; `value` what was sent there.
    Details hold names and numbers; of answers only what was `expected` of a calculation.
    """

    __tablename__ = "findings"

    id: Mapped[Id]
    submission_version_id: Mapped[int] = mapped_column(
        ForeignKey("submission_versions.id"), index=True
    )
    origin: Mapped[Origin] = mapped_column(
        default=Origin.RECEIPT, server_default=Origin.RECEIPT.value
    )
    code: Mapped[str] = mapped_column(String(64))
    severity: Mapped[Severity] = mapped_column(
        default=Severity.WARNING, server_default=Severity.WARNING.value
    )
    path: Mapped[str | None] = mapped_column(String(1000))
    value: Mapped[str | None] = mapped_column(String(255))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[CreatedAt]


class CheckKey(Base):
    """By what a check compares a submission with others of its form; derived from its current
    version.

    `key` is a seal of the check and of what must be equal, `same` of what says that it is the same
    child after all; `day`, `latitude` and `longitude` are compared by distance.
    """

    __tablename__ = "check_keys"
    __table_args__ = (Index("ix_check_keys_key", "key", "submission_id"),)

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    code: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    same: Mapped[str | None] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(1000), default="")
    day: Mapped[date | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class ServedFile(Base):
    """A file of a form version that phones were served until another took its place.

    What was filled with it is judged by it (design §11).
    """

    __tablename__ = "served_files"

    id: Mapped[Id]
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    storage_key: Mapped[str] = mapped_column(String(255))
    served_until: Mapped[datetime]
