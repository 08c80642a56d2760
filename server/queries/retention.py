"""What is older than its period: superseded versions and quarantined bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from server.db import db
from server.models import QuarantinedSubmission, SubmissionVersion

Extent = tuple[int, datetime | None]
"""(how many, when the oldest came)"""
_later = aliased(SubmissionVersion)


def count_superseded(before: datetime) -> Extent:
    """Versions that an edit replaced before a moment."""
    received_at = SubmissionVersion.received_at
    query = select(func.count(), func.min(received_at)).where(*_superseded(before))
    count, oldest = db.session.execute(query).one()
    return count, oldest


def list_superseded(before: datetime, *, limit: int) -> Sequence[Any]:
    """(id, submission_id) of the oldest ones."""
    query = select(SubmissionVersion.id, SubmissionVersion.submission_id)
    query = query.where(*_superseded(before)).order_by(SubmissionVersion.id).limit(limit)
    return db.session.execute(query).all()


def count_quarantined(before: datetime) -> Extent:
    received_at = QuarantinedSubmission.received_at
    query = select(func.count(), func.min(received_at)).where(received_at < before)
    count, oldest = db.session.execute(query).one()
    return count, oldest


def list_quarantined(before: datetime, *, limit: int) -> Sequence[QuarantinedSubmission]:
    """The oldest ones, locked, without their bytes."""
    query = select(QuarantinedSubmission).where(QuarantinedSubmission.received_at < before)
    query = query.order_by(QuarantinedSubmission.id).limit(limit).with_for_update()
    return db.session.scalars(query).all()


def _superseded(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """An edit carries a larger id than what it edits."""
    replaced = exists().where(
        _later.submission_id == SubmissionVersion.submission_id,
        _later.id > SubmissionVersion.id,
        _later.received_at < before,
    )
    return (
        SubmissionVersion.is_current.is_(False),
        SubmissionVersion.is_draft.is_(False),
        SubmissionVersion.erased_at.is_(None),
        replaced,
    )
