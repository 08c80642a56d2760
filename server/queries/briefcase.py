"""What has changed since a moment, in pages that cost the same at any depth (openrosa.md §13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, exists, select, tuple_

from server.db import db
from server.models import Form, Submission, SubmissionAttachment, SubmissionVersion
from server.queries.scopes import Scope, within

Change = Row[datetime, str]
"""(changed_at, instance_id)"""
Enclosable = Row[int, int, str, bytes, datetime, datetime]
"""(id, submission_id, instance_id, xml, received_at, created_at)"""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of changes; the id of a submission decides between equal moments."""

    changed_at: datetime
    submission_id: int = 0


def find_position(form: Form, moment: datetime, instance_id: str) -> Position:
    """After that instance at that moment; from the moment on where the instance is not known."""
    query = select(SubmissionVersion.submission_id).where(
        SubmissionVersion.form_id == form.id,
        SubmissionVersion.is_draft.is_(False),
        SubmissionVersion.instance_id == instance_id,
    )
    return Position(moment, db.session.scalar(query) or 0 if instance_id else 0)


def list_changes(
    form: Form, rows: Scope, after: Position | None, *, limit: int, include_incomplete: bool
) -> Sequence[Change]:
    """Current instances within `rows` in the order in which they last changed."""
    order = (Submission.changed_at, Submission.id)
    waiting = exists().where(
        SubmissionAttachment.submission_version_id == SubmissionVersion.id,
        SubmissionAttachment.sha256 == "",
    )
    query = (
        select(Submission.changed_at, SubmissionVersion.instance_id)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            SubmissionVersion.is_current,
            Submission.project_id == form.project_id,
            Submission.form_id == form.id,
            Submission.is_draft.is_(False),
            Submission.deleted_at.is_(None),
            within(rows),
        )
        .order_by(*order)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(*order) > (after.changed_at, after.submission_id))
    if not include_incomplete:
        query = query.where(~waiting)
    return db.session.execute(query).all()


def find_enclosable(form: Form, rows: Scope, instance_id: str) -> Enclosable | None:
    """An instance within `rows` by its own id, whether it is current or was edited since."""
    query = (
        select(
            SubmissionVersion.id,
            SubmissionVersion.submission_id,
            SubmissionVersion.instance_id,
            SubmissionVersion.xml,
            SubmissionVersion.received_at,
            Submission.created_at,
        )
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .where(
            SubmissionVersion.form_id == form.id,
            SubmissionVersion.is_draft.is_(False),
            SubmissionVersion.instance_id == instance_id,
            Submission.deleted_at.is_(None),
            within(rows),
        )
    )
    return db.session.execute(query).one_or_none()
