"""How far a source has been pulled, and what of it is here."""

from __future__ import annotations

from sqlalchemy import select, update

from server.db import db
from server.models import (
    Form,
    FormVersion,
    PullCursor,
    SubmissionAttachment,
    SubmissionVersion,
)


def get_cursor(project_id: int, source_sha256: str, xml_form_id: str) -> PullCursor:
    """The row of a form of a source; made on first use."""
    query = select(PullCursor).where(
        PullCursor.project_id == project_id,
        PullCursor.source_sha256 == source_sha256,
        PullCursor.xml_form_id == xml_form_id,
    )
    found = db.session.scalar(query)
    if found is None:
        found = PullCursor(
            project_id=project_id, source_sha256=source_sha256, xml_form_id=xml_form_id
        )
        db.session.add(found)
        db.session.flush()
    return found


def is_known(form_id: int, instance_id: str) -> bool:
    """True for any version of any submission, deleted ones too."""
    query = select(SubmissionVersion.id).where(
        SubmissionVersion.form_id == form_id,
        SubmissionVersion.is_draft.is_(False),
        SubmissionVersion.instance_id == instance_id,
    )
    return db.session.scalar(query) is not None


def list_kept_files(form_id: int, instance_id: str) -> set[tuple[str, str]]:
    """(name, md5) of the files that an instance has here."""
    query = (
        select(SubmissionAttachment.name, SubmissionAttachment.md5)
        .join(SubmissionVersion, SubmissionVersion.id == SubmissionAttachment.submission_version_id)
        .where(
            SubmissionVersion.form_id == form_id,
            SubmissionVersion.is_draft.is_(False),
            SubmissionVersion.instance_id == instance_id,
            SubmissionAttachment.received_at.is_not(None),
        )
    )
    return {(name, md5 or "") for name, md5 in db.session.execute(query)}


def offer_version(form: Form, version_id: int) -> None:
    """Make a published version the one that phones are offered."""
    of_form = update(FormVersion).where(FormVersion.form_id == form.id)
    db.session.execute(of_form.where(FormVersion.is_current).values(is_current=False))
    db.session.execute(of_form.where(FormVersion.id == version_id).values(is_current=True))
