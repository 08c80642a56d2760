"""The projection: which file of rows holds which version of a submission."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id


class ProjectionFile(Base):
    """Rows of versions of one form's submissions: a Parquet file for each of `tables` (paths).

    `edition` and `commune_code` say whose the rows are where they have been brought together by
    commune as reported; both are null in a file just written, of any commune. A sealed file is
    encrypted with the installation's key. A retired file stays until the exports that began before
    have ended.
    """

    __tablename__ = "projection_files"
    __table_args__ = (Index("ix_projection_files_of_form", "form_id", "retired_at"),)

    id: Mapped[Id]
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    edition: Mapped[str | None] = mapped_column(String(32))
    commune_code: Mapped[str | None] = mapped_column(String(16))
    is_by_commune: Mapped[bool] = mapped_column(default=False)
    is_sealed: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    tables: Mapped[list[str]] = mapped_column(JSON)
    versions: Mapped[int]
    xml_size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[datetime | None]


class ProjectedVersion(Base):
    """The file in which a version's rows are; a file holds no rows of any other version."""

    __tablename__ = "projected_versions"

    submission_version_id: Mapped[int] = mapped_column(
        ForeignKey("submission_versions.id"), primary_key=True, autoincrement=False
    )
    file_id: Mapped[int] = mapped_column(ForeignKey("projection_files.id"), index=True)
    xml_size: Mapped[int]
