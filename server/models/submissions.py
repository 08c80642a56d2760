"""Submissions, their versions and attachments, and what was refused but kept for the operator."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, Id, utc_now


class ReviewState(StrEnum):
    """Central's states; received is Central's null."""

    RECEIVED = "received"
    EDITED = "edited"
    HAS_ISSUES = "hasIssues"
    APPROVED = "approved"
    REJECTED = "rejected"

    @property
    def in_central(self) -> str | None:
        """As Central's API and audit log write it."""
        return None if self is ReviewState.RECEIVED else self.value


class Submission(Base):
    """One filled form through all its edits, named by its first instanceID.

    `village_code`, `edition` and `commune_code` are derived at receipt: the commune as reported.
    Where that cannot be told, `sender_…` is the commune where the sender worked at receipt.
    `changed_at` is when this installation last wrote the row or received a file for it;
    `created_at` may be older, where a submission came from another server.
    `hidden_at` is set while an erasure is under way: no list or export has it. `erased_at` says
    that only answers that may be kept are left, and that nothing more is received for it.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("form_id", "is_draft", "instance_id"),
        Index("ix_submissions_in_order", "project_id", "form_id", "is_draft", "id"),
        Index(
            "ix_submissions_by_commune", "project_id", "form_id", "is_draft", "commune_code", "id"
        ),
        Index("ix_submissions_by_change", "project_id", "form_id", "is_draft", "changed_at", "id"),
    )

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    is_draft: Mapped[bool] = mapped_column(default=False)
    instance_id: Mapped[str] = mapped_column(String(249))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    device_id: Mapped[str | None] = mapped_column(String(255))
    review_state: Mapped[ReviewState] = mapped_column(default=ReviewState.RECEIVED)
    village_code: Mapped[str | None] = mapped_column(String(32))
    edition: Mapped[str | None] = mapped_column(String(32))
    commune_code: Mapped[str | None] = mapped_column(String(16))
    sender_edition: Mapped[str | None] = mapped_column(String(32))
    sender_commune_code: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class SubmissionVersion(Base):
    """The bytes of one instance as they were sent, never rewritten but by lawful erasure.

    With `erased_at` the bytes are what may be kept of them (design, promise 2).
    """

    __tablename__ = "submission_versions"
    __table_args__ = (
        UniqueConstraint("form_id", "is_draft", "instance_id"),
        Index(
            "uq_submission_versions_current",
            "submission_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"))
    is_draft: Mapped[bool] = mapped_column(default=False)
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_versions.id"))
    instance_id: Mapped[str] = mapped_column(String(249))
    deprecated_id: Mapped[str | None] = mapped_column(String(249))
    instance_name: Mapped[str | None] = mapped_column(String(1000))
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    is_current: Mapped[bool] = mapped_column(default=True)
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    device_id: Mapped[str | None] = mapped_column(String(255))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    erased_at: Mapped[datetime | None]


class SubmissionAttachment(Base):
    """A file that a version names or brought.

    A slot that waits for its file has an empty `sha256`. Where other bytes come under a name that
    is taken, both are kept: the first stays current, the later is marked as a conflict. A file that
    was erased has lost its name and hash too.
    """

    __tablename__ = "submission_attachments"
    __table_args__ = (UniqueConstraint("submission_version_id", "name", "sha256"),)

    id: Mapped[Id]
    submission_version_id: Mapped[int] = mapped_column(ForeignKey("submission_versions.id"))
    name: Mapped[str] = mapped_column(String(255))
    is_expected: Mapped[bool]
    is_conflict: Mapped[bool] = mapped_column(default=False)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    md5: Mapped[str | None] = mapped_column(String(32))
    size: Mapped[int | None] = mapped_column(BigInteger)
    content_type: Mapped[str | None] = mapped_column(String(255))
    storage_key: Mapped[str | None] = mapped_column(String(255))
    received_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class QuarantinedSubmission(Base):
    """A complete body from a known sender that was refused: nothing of field work is lost by it."""

    __tablename__ = "quarantined_submissions"
    __table_args__ = (UniqueConstraint("actor_id", "sha256"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    code: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    files: Mapped[str] = mapped_column(String, default="[]")
    size: Mapped[int] = mapped_column(BigInteger)
    device_id: Mapped[str | None] = mapped_column(String(255))
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
