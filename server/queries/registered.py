"""Versions of submissions as the register reads them again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, exists, select

from server.db import execute
from server.models import (
    Audit,
    DatasetSource,
    EntityVersion,
    FormVersion,
    Project,
    ReviewState,
    Submission,
    SubmissionVersion,
)

RegisteredRow = Row[*tuple[Any, ...]]
"""(id, submission_id, xml, submitter_id, user_agent, form_version_id, sha256, commune_field,
project_id, catalogue, village_code, edition, commune_code, review_state)"""


def find_version(version_id: int) -> RegisteredRow | None:
    """A version that is current still, and not erased."""
    row: RegisteredRow | None = execute(
        _query().where(SubmissionVersion.id == version_id)
    ).one_or_none()
    return row


def find_current(submission_id: int) -> RegisteredRow | None:
    row: RegisteredRow | None = execute(
        _query().where(SubmissionVersion.submission_id == submission_id)
    ).one_or_none()
    return row


def list_refusals(submission_id: int, version_id: int) -> list[dict[str, Any]]:
    """What the log says of a submission's refusals since this version of it was received."""
    received_at = select(SubmissionVersion.received_at).where(SubmissionVersion.id == version_id)
    query = select(Audit.details).where(
        Audit.actee_type == "submission",
        Audit.actee_id == submission_id,
        Audit.action == "entity.error",
        Audit.logged_at >= received_at.scalar_subquery(),
    )
    return [details or {} for details in execute(query).scalars()]


def list_without_entities(
    project_id: int,
    after_id: int,
    *,
    limit: int,
    form_id: int | None = None,
    submission_id: int | None = None,
) -> list[int]:
    """Submissions of forms that write lists, of which no entity came, in the order of receipt.

    Without those that staff rejected.
    """
    writes = exists().where(DatasetSource.form_id == Submission.form_id)
    made = exists().where(EntityVersion.submission_id == Submission.id)
    query = select(Submission.id).where(
        Submission.project_id == project_id,
        Submission.id > after_id,
        Submission.is_draft.is_(False),
        Submission.deleted_at.is_(None),
        Submission.hidden_at.is_(None),
        Submission.erased_at.is_(None),
        Submission.review_state != ReviewState.REJECTED,
        writes,
        ~made,
    )
    if form_id is not None:
        query = query.where(Submission.form_id == form_id)
    if submission_id is not None:
        query = query.where(Submission.id == submission_id)
    return list(execute(query.order_by(Submission.id).limit(limit)).scalars())


def _query() -> Any:
    return (
        select(
            SubmissionVersion.id,
            SubmissionVersion.submission_id,
            SubmissionVersion.xml,
            SubmissionVersion.submitter_id,
            SubmissionVersion.user_agent,
            SubmissionVersion.form_version_id,
            FormVersion.sha256,
            FormVersion.commune_field,
            Submission.project_id,
            Project.catalogue,
            Submission.village_code,
            Submission.edition,
            Submission.commune_code,
            Submission.review_state,
        )
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .join(FormVersion, FormVersion.id == SubmissionVersion.form_version_id)
        .join(Project, Project.id == Submission.project_id)
        .where(
            SubmissionVersion.is_current,
            SubmissionVersion.erased_at.is_(None),
            Submission.deleted_at.is_(None),
            Submission.hidden_at.is_(None),
            Submission.is_draft.is_(False),
        )
    )
