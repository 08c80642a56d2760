"""Submissions and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.db import columns_of, db, execute, utc_now
from server.errors import InstanceConflict, NotFound
from server.models import Form, ReviewState, Submission, SubmissionVersion

KnownVersion = Row[
    int, int, int | None, bool, bytes, datetime | None, datetime | None, datetime | None
]
"""(id, submission_id, submitter_id, is_current, xml, deleted_at, erased_at, submission_erased_at)

`erased_at`: nothing more is stored of this version; `submission_erased_at`: nor of any edit of it.
"""

_ENDED = func.coalesce(Submission.erased_at, Submission.hidden_at)
_VERSION = (
    select(
        SubmissionVersion.id,
        SubmissionVersion.submission_id,
        SubmissionVersion.submitter_id,
        SubmissionVersion.is_current,
        SubmissionVersion.xml,
        Submission.deleted_at,
        func.coalesce(SubmissionVersion.erased_at, _ENDED).label("erased_at"),
        _ENDED.label("submission_erased_at"),
    )
    .join(Submission, Submission.id == SubmissionVersion.submission_id)
    .where(
        SubmissionVersion.form_id == bindparam("form_id"),
        SubmissionVersion.is_draft == bindparam("is_draft"),
        SubmissionVersion.instance_id == bindparam("instance_id"),
    )
    .with_for_update(of=SubmissionVersion)
)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The columns of a version to be added."""

    form_id: int
    form_version_id: int
    instance_id: str
    deprecated_id: str | None
    instance_name: str | None
    xml: bytes
    submitter_id: int | None
    device_id: str | None
    user_agent: str | None
    is_draft: bool = False
    received_at: datetime | None = None


def find_version(form_id: int, instance_id: str, *, is_draft: bool = False) -> KnownVersion | None:
    """A received instance, locked for writing."""
    names = {"form_id": form_id, "instance_id": instance_id, "is_draft": is_draft}
    return execute(_VERSION, names).one_or_none()


def try_add_submission(
    project_id: int,
    version: NewVersion,
    place: Mapping[str, str | None],
    *,
    created_at: datetime | None = None,
) -> tuple[int, int] | None:
    """Add a submission with its first version and return their ids; None if another was faster.

    `place` are the columns that tell where it comes from.
    """
    row = {
        "project_id": project_id,
        "form_id": version.form_id,
        "is_draft": version.is_draft,
        "instance_id": version.instance_id,
        "form_version_id": version.form_version_id,
        "submitter_id": version.submitter_id,
        "device_id": version.device_id,
        "review_state": ReviewState.RECEIVED,
        "created_at": created_at or utc_now(),
        **place,
    }
    submission_id = execute(_insert(Submission), row).scalar_one_or_none()
    if submission_id is None:
        return None
    version_id = _insert_version(submission_id, version)
    if version_id is None:  # an edit of another submission bears this instanceID
        raise InstanceConflict(instance_id=version.instance_id)
    return submission_id, version_id


def try_add_edit(
    submission_id: int, version: NewVersion, place: Mapping[str, str | None]
) -> int | None:
    """Make `version` the current one of a submission; None if its instanceID is taken."""
    current = SubmissionVersion.submission_id == submission_id
    edited = {
        "review_state": ReviewState.EDITED,
        "updated_at": utc_now(),
        **place,
    }
    with db.session.begin_nested() as savepoint:
        db.session.execute(update(SubmissionVersion).where(current).values(is_current=False))
        db.session.execute(update(Submission).where(Submission.id == submission_id).values(edited))
        version_id = _insert_version(submission_id, version)
        if version_id is None:
            savepoint.rollback()
    return version_id


def add_tombstone(submission_id: int, version: NewVersion) -> None:
    """Remember the name of an edit that came after the erasure, so that edits of it are known."""
    _insert_version(submission_id, version, is_current=False, erased_at=utc_now())


def _insert_version(submission_id: int, version: NewVersion, **columns: object) -> int | None:
    row = columns_of(version) | {
        "submission_id": submission_id,
        "is_current": True,
        "received_at": version.received_at or utc_now(),
        "erased_at": None,
        **columns,
    }
    return execute(_insert(SubmissionVersion), row).scalar_one_or_none()


def _insert(model: type[Submission | SubmissionVersion]) -> Executable:
    """An INSERT that gives the new id, or nothing where a unique constraint decided otherwise."""
    return _INSERTS[db.session.connection().dialect.name, model]


_INSERTS: dict[tuple[str, type], Executable] = {
    (dialect.__name__.rpartition(".")[2], model): dialect.insert(model)
    .on_conflict_do_nothing(index_elements=["form_id", "is_draft", "instance_id"])
    .returning(model.id)
    for dialect in (sqlite, postgresql)
    for model in (Submission, SubmissionVersion)
}


def get_submission(instance_id: str) -> tuple[Submission, SubmissionVersion]:
    """A submission and its current version, by the instanceID of any of its versions.

    What was sent to try out a draft is none.
    """
    query = (
        select(Submission)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            SubmissionVersion.instance_id == instance_id,
            Submission.is_draft.is_(False),
            Submission.hidden_at.is_(None),
        )
        .order_by(Submission.id)
        .limit(1)
    )
    submission = db.session.scalar(query)
    if submission is None:
        raise NotFound(subject="submission", name=instance_id)
    return submission, list_submission_versions(submission.id)[0]


def get_of_form(project_id: int, xml_form_id: str, instance_id: str) -> Submission:
    """A submission by the instanceID of its first version alone, as Central's addresses have it."""
    query = (
        select(Submission)
        .join(Form, Form.id == Submission.form_id)
        .where(
            Form.project_id == project_id,
            Form.xml_form_id == xml_form_id,
            Submission.instance_id == instance_id,
            Submission.is_draft.is_(False),
            Submission.hidden_at.is_(None),
            Submission.deleted_at.is_(None),
        )
    )
    submission = db.session.scalar(query)
    if submission is None:
        raise NotFound(subject="submission", name=instance_id)
    return submission


def list_submission_versions(submission_id: int) -> Sequence[SubmissionVersion]:
    """The current one first, then newest first."""
    query = select(SubmissionVersion).where(SubmissionVersion.submission_id == submission_id)
    order = (SubmissionVersion.is_current.desc(), SubmissionVersion.id.desc())
    return db.session.scalars(query.order_by(*order)).all()


def load_xml(version_id: int) -> bytes:
    query = select(SubmissionVersion.xml).where(SubmissionVersion.id == version_id)
    return db.session.scalars(query).one()
