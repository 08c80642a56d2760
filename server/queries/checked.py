"""Submissions to be checked again: their current versions, in pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from server.db import execute
from server.models import FormVersion, Project, Submission, SubmissionVersion

CheckedRow = Row[*tuple[Any, ...]]
"""(id, form_id, project_id, catalogue, village_code, edition, commune_code, review_state,
version_id, xml, submitter_id, received_at, form_version_id, sha256)"""


def list_current(
    after_id: int,
    *,
    limit: int,
    form_id: int | None = None,
    submission_id: int | None = None,
    changed_since: datetime | None = None,
) -> Sequence[CheckedRow]:
    """In the order of their receipt."""
    query = (
        select(
            Submission.id,
            Submission.form_id,
            Submission.project_id,
            Project.catalogue,
            Submission.village_code,
            Submission.edition,
            Submission.commune_code,
            Submission.review_state,
            SubmissionVersion.id.label("version_id"),
            SubmissionVersion.xml,
            SubmissionVersion.submitter_id,
            SubmissionVersion.received_at,
            SubmissionVersion.form_version_id,
            FormVersion.sha256,
        )
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .join(FormVersion, FormVersion.id == SubmissionVersion.form_version_id)
        .join(Project, Project.id == Submission.project_id)
        .where(Submission.id > after_id, *_chosen(form_id, submission_id, changed_since))
        .order_by(Submission.id)
        .limit(limit)
    )
    rows: Sequence[CheckedRow] = execute(query).all()
    return rows


def count_current(*, form_id: int | None = None, submission_id: int | None = None) -> int:
    query = (
        select(func.count(Submission.id))
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(*_chosen(form_id, submission_id, None))
    )
    return int(execute(query).scalar_one())


def _chosen(
    form_id: int | None, submission_id: int | None, changed_since: datetime | None
) -> Iterator[ColumnElement[bool]]:
    """Neither drafts nor what was deleted or erased."""
    yield Submission.is_draft.is_(False)
    yield Submission.deleted_at.is_(None)
    yield Submission.hidden_at.is_(None)
    yield Submission.erased_at.is_(None)
    yield SubmissionVersion.is_current.is_(True)
    yield SubmissionVersion.erased_at.is_(None)
    if form_id is not None:
        yield Submission.form_id == form_id
    if submission_id is not None:
        yield Submission.id == submission_id
    if changed_since is not None:
        yield Submission.changed_at >= changed_since


def lock_current(version_ids: Collection[int]) -> set[int]:
    """Those that are current still; an edit of them waits until the check is written down."""
    query = (
        select(SubmissionVersion.id)
        .where(
            SubmissionVersion.id.in_(sorted(version_ids)),
            SubmissionVersion.is_current,
            SubmissionVersion.erased_at.is_(None),
        )
        .order_by(SubmissionVersion.id)
        .with_for_update()
    )
    return set(execute(query).scalars())
