"""What the server noticed in a submission."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id


class Finding(Base):
    """One thing noticed in one version; derived, so never a reason to refuse (design, promise 4).

    `path` is that of the field it is about, if any; details hold names and numbers, no answers.
    """

    __tablename__ = "findings"

    id: Mapped[Id]
    submission_version_id: Mapped[int] = mapped_column(
        ForeignKey("submission_versions.id"), index=True
    )
    code: Mapped[str] = mapped_column(String(64))
    path: Mapped[str | None] = mapped_column(String(1000))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[CreatedAt]
