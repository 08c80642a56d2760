"""What was noticed in submissions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select

from forms.checking import Finding as Checked
from forms.checking import Severity
from server.db import db, execute, utc_now
from server.models import Finding, Origin, SubmissionAttachment, SubmissionVersion

MISSING_ATTACHMENT = "missing_attachment"


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


_ADD = insert(Finding)
_DROP_CHECKED = delete(Finding).where(
    Finding.submission_version_id == bindparam("version"), Finding.origin == Origin.CHECK
)


def replace_checked(version_id: int, found: Sequence[Checked], *, is_new: bool) -> None:
    """What the last check found; a version that is `is_new` has nothing to replace."""
    if not is_new:
        execute(_DROP_CHECKED, {"version": version_id})
    _add(version_id, found, Origin.CHECK)


def add_noticed(version_id: int, found: Sequence[Checked]) -> None:
    """What receiving itself saw in a version that is new."""
    _add(version_id, found, Origin.RECEIPT)


def _add(version_id: int, found: Sequence[Checked], origin: Origin) -> None:
    rows = [
        {
            "submission_version_id": version_id,
            "origin": origin,
            "code": finding.code,
            "severity": finding.severity,
            "path": finding.path or None,
            "value": finding.value or None,
            "details": finding.details or None,
            "created_at": utc_now(),
        }
        for finding in found
    ]
    if rows:
        execute(_ADD, rows)


def forget_arrived(submission_id: int) -> None:
    """Files that were missing and have come are missing no longer, in no version."""
    versions = select(SubmissionVersion.id).where(SubmissionVersion.submission_id == submission_id)
    waiting = exists().where(
        SubmissionAttachment.submission_version_id == Finding.submission_version_id,
        SubmissionAttachment.name == Finding.value,
        SubmissionAttachment.sha256 == "",
    )
    execute(
        delete(Finding).where(
            Finding.submission_version_id.in_(versions),
            Finding.code == MISSING_ATTACHMENT,
            ~waiting,
        )
    )


_ASKING = select(func.count(Finding.id)).where(
    Finding.submission_version_id == bindparam("version"),
    Finding.origin == Origin.CHECK,
    Finding.severity != Severity.INFORMATION,
)


def count_asking(version_id: int) -> int:
    """How many findings of the last check ask for a look."""
    return int(execute(_ASKING, {"version": version_id}).scalar_one())


def list_checked(version_ids: Sequence[int]) -> dict[int, list[Checked]]:
    """What the last check of each version found."""
    known: dict[int, list[Checked]] = {}
    query = select(Finding).where(
        Finding.submission_version_id.in_(version_ids), Finding.origin == Origin.CHECK
    )
    for row in db.session.scalars(query.order_by(Finding.id)):
        found = Checked(row.code, row.severity, row.path or "", row.value or "", row.details or {})
        known.setdefault(row.submission_version_id, []).append(found)
    return known


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding, the version that it is in, and the form version that it was filled with."""

    finding: Finding
    instance_id: str
    form_version_id: int


def list_findings(submission_id: int) -> Sequence[Noticed]:
    """The findings of all versions of a submission."""
    query = (
        select(Finding, SubmissionVersion.instance_id, SubmissionVersion.form_version_id)
        .join(SubmissionVersion, SubmissionVersion.id == Finding.submission_version_id)
        .where(SubmissionVersion.submission_id == submission_id)
        .order_by(Finding.id)
    )
    return [Noticed(*row) for row in db.session.execute(query)]
