"""Looks into the tables that no query of the server's offers."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from server.db import db
from server.models import FormAttachment, QuarantinedSubmission, Submission, SubmissionAttachment


def list_instance_ids() -> list[str]:
    """The instanceID of every submission."""
    return list(db.session.scalars(select(Submission.instance_id)))


def count_submissions() -> int:
    return db.session.scalars(select(func.count(Submission.id))).one()


def count_attachments() -> int:
    return db.session.scalars(select(func.count(SubmissionAttachment.id))).one()


def list_quarantined() -> list[tuple[str, bytes]]:
    """(code, xml) of everything in quarantine."""
    query = select(QuarantinedSubmission.code, QuarantinedSubmission.xml)
    return [(code, xml) for code, xml in db.session.execute(query)]


def remove_form_attachment(name: str) -> None:
    """As if the file had never been kept: the manifest does not list it."""
    db.session.execute(delete(FormAttachment).where(FormAttachment.name == name))
