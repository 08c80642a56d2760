"""What was noticed in submissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from server.db import db
from server.models import Finding, SubmissionVersion


def note_finding(version_id: int, code: str, *, path: str | None = None, **details: Any) -> None:
    """Add a finding, or nothing where the same was noted: phones retry.

    The version is the caller's own or locked, so that no other request notes it at the same time.
    """
    query = select(Finding.path, Finding.details).where(
        Finding.submission_version_id == version_id, Finding.code == code
    )
    known = [(row.path, row.details or {}) for row in db.session.execute(query)]
    if (path, details) not in known:
        finding = Finding(
            submission_version_id=version_id, code=code, path=path, details=details or None
        )
        db.session.add(finding)
        db.session.flush()


def list_findings(submission_id: int) -> Sequence[tuple[Finding, str]]:
    """The findings of all versions of a submission, each with the version's instanceID."""
    query = (
        select(Finding, SubmissionVersion.instance_id)
        .join(SubmissionVersion, SubmissionVersion.id == Finding.submission_version_id)
        .where(SubmissionVersion.submission_id == submission_id)
        .order_by(Finding.id)
    )
    return [(finding, instance_id) for finding, instance_id in db.session.execute(query)]
