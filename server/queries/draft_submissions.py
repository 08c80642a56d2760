"""What was sent to try out a draft: dropped with it, as Central does."""

from __future__ import annotations

from sqlalchemy import delete, select

from server.db import db
from server.models import CheckKey, Finding, Submission, SubmissionAttachment, SubmissionVersion


def drop_submissions(form_id: int) -> tuple[str, ...]:
    """Delete what came for the form's draft; return the keys of the files, for the storage."""
    ids = select(SubmissionVersion.id).where(
        SubmissionVersion.form_id == form_id, SubmissionVersion.is_draft
    )
    files = SubmissionAttachment.submission_version_id.in_(ids)
    keys = select(SubmissionAttachment.storage_key).where(
        files, SubmissionAttachment.storage_key.is_not(None)
    )
    found = tuple(sorted(key for key in set(db.session.scalars(keys)) if key))
    for statement in (
        delete(SubmissionAttachment).where(files),
        delete(Finding).where(Finding.submission_version_id.in_(ids)),
        delete(CheckKey).where(
            CheckKey.submission_id.in_(
                select(Submission.id).where(Submission.form_id == form_id, Submission.is_draft)
            )
        ),
        delete(SubmissionVersion).where(
            SubmissionVersion.form_id == form_id, SubmissionVersion.is_draft
        ),
        delete(Submission).where(Submission.form_id == form_id, Submission.is_draft),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})
    return found
