"""The consents of households."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.db import columns_of, db, execute, utc_now
from server.models import Actor, Consent, ConsentState, Form, Submission, SubmissionVersion

_DERIVED = (
    "form_id",
    "submission_version_id",
    "household_key",
    "state",
    "basis",
    "given_at",
    "text_version",
    "collected_by_id",
    "recorded_at",
)


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What one version of a slip tells."""

    project_id: int
    form_id: int
    submission_id: int
    submission_version_id: int
    state: ConsentState
    household_key: str | None
    basis: str | None
    given_at: datetime | None
    text_version: str
    collected_by_id: int | None
    recorded_at: datetime


def record_consent(consent: NewConsent) -> None:
    """Add it, or put it in place of what an older version told; a withdrawal stays one."""
    execute(_RECORD[db.session.connection().dialect.name], columns_of(consent))


def drop_consent(submission_id: int) -> None:
    """Forget what an older version told; a withdrawal stays."""
    not_withdrawn = Consent.state != ConsentState.WITHDRAWN
    execute(delete(Consent).where(Consent.submission_id == submission_id, not_withdrawn))


def list_of_household(project_id: int, key: str) -> Sequence[Consent]:
    """Every visit's consent, oldest first."""
    query = select(Consent).where(Consent.project_id == project_id, Consent.household_key == key)
    return db.session.scalars(query.order_by(Consent.id)).all()


def list_of_submissions(submission_ids: Sequence[int]) -> Sequence[Any]:
    """(instance_id, xml_form_id, collector's name, consent) of some submissions."""
    query = (
        select(Submission.instance_id, Form.xml_form_id, Actor.display_name, Consent)
        .join(Submission, Submission.id == Consent.submission_id)
        .join(Form, Form.id == Consent.form_id)
        .outerjoin(Actor, Actor.id == Consent.collected_by_id)
        .where(Consent.submission_id.in_(submission_ids))
        .order_by(Consent.id)
    )
    return db.session.execute(query).all()


def withdraw(ids: Sequence[int], *, actor_id: int | None, reason: str) -> None:
    values = {
        "state": ConsentState.WITHDRAWN,
        "withdrawn_at": utc_now(),
        "withdrawn_by_id": actor_id,
        "reason": reason[:1000],
    }
    db.session.execute(update(Consent).where(Consent.id.in_(ids)).values(values))


def list_current_versions(after_id: int, *, limit: int) -> Sequence[Any]:
    """Current versions of submissions as they were received, in pages, for the rebuild."""
    query = (
        select(
            Submission.id,
            Submission.project_id,
            SubmissionVersion.id.label("version_id"),
            SubmissionVersion.form_version_id,
            SubmissionVersion.form_id,
            SubmissionVersion.submitter_id,
            SubmissionVersion.received_at,
            SubmissionVersion.xml,
        )
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(
            Submission.id > after_id, Submission.is_draft.is_(False), SubmissionVersion.is_current
        )
        .order_by(Submission.id)
        .limit(limit)
    )
    return db.session.execute(query).all()


def _record(dialect: Any) -> Executable:
    add = dialect.insert(Consent)
    return add.on_conflict_do_update(
        index_elements=["submission_id"],
        set_={name: add.excluded[name] for name in _DERIVED},
        where=Consent.state != ConsentState.WITHDRAWN,
    )


_RECORD: dict[str, Executable] = {"sqlite": _record(sqlite), "postgresql": _record(postgresql)}
