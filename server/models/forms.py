"""Forms, their versions (a draft is one not yet published) and their attachments."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forms.data_classes import DataClass
from server.db import Base, CreatedAt, Id


class FormState(StrEnum):
    """open: listed and accepting; closing: accepting only; closed: neither."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Form(Base):
    """A form of a project.

    Its `data_class` is that of its first version; `case` may come later and never goes.
    """

    __tablename__ = "forms"
    __table_args__ = (UniqueConstraint("project_id", "xml_form_id"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    xml_form_id: Mapped[str] = mapped_column(String(249))
    state: Mapped[FormState] = mapped_column(default=FormState.OPEN)
    data_class: Mapped[DataClass] = mapped_column(
        default=DataClass.REGISTER, server_default=DataClass.REGISTER.value
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class FormVersion(Base):
    """One definition. Published, (form, version) names these bytes for ever (openrosa.md §6.2).

    The current version, the one that phones are offered, is the one published last.
    """

    __tablename__ = "form_versions"
    __table_args__ = (
        Index(
            "uq_form_versions_published",
            "form_id",
            "version",
            unique=True,
            sqlite_where=text("published_at IS NOT NULL"),
            postgresql_where=text("published_at IS NOT NULL"),
        ),
        Index(
            "uq_form_versions_current",
            "form_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
        Index(
            "uq_form_versions_draft",
            "form_id",
            unique=True,
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    version: Mapped[str] = mapped_column(String(249))
    title: Mapped[str] = mapped_column(String(1000))
    xform: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    workbook: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    workbook_name: Mapped[str | None] = mapped_column(String(255))
    md5: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    commune_field: Mapped[str] = mapped_column(String(255), default="")
    checks: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON, deferred=True)
    has_public_key: Mapped[bool] = mapped_column(default=False)
    draft_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    draft_token_sealed: Mapped[str | None] = mapped_column(String(500))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[CreatedAt]
    published_at: Mapped[datetime | None]
    is_current: Mapped[bool] = mapped_column(default=False)

    form: Mapped[Form] = relationship()


class FormAttachment(Base):
    """A file that a version expects; without `storage_key` it has not been handed in."""

    __tablename__ = "form_attachments"
    __table_args__ = (UniqueConstraint("form_version_id", "name"),)

    id: Mapped[Id]
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(16))
    storage_key: Mapped[str | None] = mapped_column(String(255))
    content_type: Mapped[str | None] = mapped_column(String(255))
    md5: Mapped[str | None] = mapped_column(String(32))
    size: Mapped[int | None]
    updated_at: Mapped[datetime | None]
