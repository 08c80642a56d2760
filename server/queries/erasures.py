"""Destroy what erasure takes: the only statements that rewrite what was received (promise 2)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from server.db import db, utc_now
from server.models import (
    CheckKey,
    Finding,
    Form,
    HeldEdit,
    QuarantinedSubmission,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from server.queries import jobs, projection

ERASED = "erased"


def hide(submission_ids: Collection[int]) -> None:
    """Keep them out of every list and export until they are erased."""
    query = update(Submission).where(Submission.id.in_(submission_ids))
    db.session.execute(query.values(hidden_at=utc_now()))


def lock_versions(submission_id: int) -> Sequence[SubmissionVersion]:
    """All versions with their edits on the way: whoever edits one locks it first."""
    query = (
        select(SubmissionVersion)
        .where(SubmissionVersion.submission_id == submission_id)
        .order_by(SubmissionVersion.id)
    )
    locked: Sequence[SubmissionVersion] = ()
    while len(found := db.session.scalars(query.with_for_update()).all()) > len(locked):
        locked = found
    return locked


def replace_xml(version_id: int, xml: bytes, *, finding: str = ERASED) -> None:
    """Put what may be kept in place of the bytes, and say so by a finding.

    The files of the projection that hold its rows, or did, are written anew or destroyed by a job.
    """
    query = update(SubmissionVersion).where(SubmissionVersion.id == version_id)
    db.session.execute(query.values(xml=xml, instance_name=None, erased_at=utc_now()))
    db.session.execute(delete(Finding).where(Finding.submission_version_id == version_id))
    of_version = select(SubmissionVersion.submission_id).where(SubmissionVersion.id == version_id)
    db.session.execute(
        delete(CheckKey).where(CheckKey.submission_id == of_version.scalar_subquery())
    )
    db.session.add(Finding(submission_version_id=version_id, code=finding))
    if files := projection.drop_version(version_id):
        jobs.add_job("write_rows_anew", file_ids=sorted(files))
    db.session.flush()


def finish(submission_id: int) -> None:
    """Show the submission again, with what is kept; it has changed for whoever follows changes."""
    query = update(Submission).where(Submission.id == submission_id)
    db.session.execute(query.values(hidden_at=None, erased_at=utc_now()))


def erase_files(version_id: int, names: Collection[str] | None = None) -> list[str]:
    """Forget the files (None: all) of a version; return their keys, for the storage.

    A place whose file never came is dropped: nobody waits for it any more.
    """
    of_version: list[ColumnElement[bool]] = [
        SubmissionAttachment.submission_version_id == version_id,
        SubmissionAttachment.erased_at.is_(None),
    ]
    if names is not None:
        of_version.append(SubmissionAttachment.name.in_(names))
    db.session.execute(
        delete(SubmissionAttachment).where(*of_version, SubmissionAttachment.sha256 == "")
    )
    keys = []
    for file in db.session.scalars(select(SubmissionAttachment).where(*of_version)).all():
        keys += [file.storage_key] if file.storage_key else []
        file.name, file.sha256, file.is_expected = f"erased-{file.id}", "", False
        file.md5 = file.size = file.storage_key = file.content_type = None
        file.erased_at = utc_now()
    db.session.flush()
    return keys


def iter_waiting(project_id: int) -> Iterator[HeldEdit | QuarantinedSubmission]:
    """Held edits and quarantined bodies of a project, one at a time: each may be large."""
    for held_id in _ids(HeldEdit, project_id):
        if (held := db.session.get(HeldEdit, held_id, with_for_update=True)) is not None:
            yield held
            db.session.expunge(held)
    for body_id in _ids(QuarantinedSubmission, project_id):
        body = db.session.get(QuarantinedSubmission, body_id, with_for_update=True)
        if body is not None:
            yield body
            db.session.expunge(body)


def _ids(table: type[HeldEdit | QuarantinedSubmission], project_id: int) -> Sequence[int]:
    query = select(table.id).where(table.project_id == project_id)
    return db.session.scalars(query.order_by(table.id)).all()


def drop_waiting(entry: HeldEdit | QuarantinedSubmission) -> list[str]:
    """Destroy one; return the keys of its files, for the storage."""
    files = json.loads(entry.files) if isinstance(entry.files, str) else entry.files
    table = type(entry)
    db.session.execute(delete(table).where(table.id == entry.id))
    return [file["key"] for file in files]


def is_erased(project_id: int, xml_form_id: str, instance_ids: Collection[str]) -> bool:
    """True if one of these instances, or the submission that has it, was erased."""
    query = (
        select(SubmissionVersion.id)
        .join(Submission, Submission.id == SubmissionVersion.submission_id)
        .join(Form, Form.id == SubmissionVersion.form_id)
        .where(
            Form.project_id == project_id,
            Form.xml_form_id == xml_form_id,
            SubmissionVersion.instance_id.in_(instance_ids),
            or_(
                SubmissionVersion.erased_at.is_not(None),
                func.coalesce(Submission.erased_at, Submission.hidden_at).is_not(None),
            ),
        )
        .limit(1)
    )
    return db.session.scalar(query) is not None


def get_place(submission_id: int) -> tuple[int, str]:
    """(project_id, xml_form_id) of a submission."""
    query = (
        select(Submission.project_id, Form.xml_form_id)
        .join(Form, Form.id == Submission.form_id)
        .where(Submission.id == submission_id)
    )
    project_id, xml_form_id = db.session.execute(query).one()
    return project_id, xml_form_id
