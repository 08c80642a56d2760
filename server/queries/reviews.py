"""Review states: locked and set, one or many; which submissions count; the history of one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, exists, func, select, update

from server.db import db, execute, utc_now
from server.models import Actor, Audit, Finding, ReviewState, Submission, SubmissionVersion
from server.queries.comments import list_comments
from server.queries.exports import ExportScope, in_scope
from server.queries.scopes import Scope, within

ACCEPTED = (ReviewState.RECEIVED, ReviewState.EDITED, ReviewState.APPROVED)
RETURNED = (ReviewState.HAS_ISSUES, ReviewState.REJECTED)
LockedRow = Row[int, ReviewState, datetime | None, int]
"""(id, review_state, erased_at, version_id)"""
_STATE_OF = {
    "submission.create": ReviewState.RECEIVED,
    "submission.update.version": ReviewState.EDITED,
}
_REVIEWED = "submission.update"
_MARK = (
    update(Submission)
    .where(
        Submission.id == bindparam("submission_id"),
        Submission.review_state == ReviewState.RECEIVED,
    )
    .values(review_state=ReviewState.HAS_ISSUES, updated_at=bindparam("now"))
    .returning(Submission.id)
)
_LAST_STATE = (
    select(Audit.details)
    .where(
        Audit.actee_type == "submission",
        Audit.actee_id == bindparam("submission_id"),
        Audit.action.in_([*_STATE_OF, _REVIEWED]),
    )
    .order_by(Audit.id.desc())
    .limit(1)
)


def is_accepted() -> ColumnElement[bool]:
    """The condition on submissions that figures and lists of children count.

    What has issues or was rejected does not count until it is corrected or approved. Erased,
    deleted and draft submissions are another matter.
    """
    return Submission.review_state.in_(ACCEPTED)


def mark_has_issues(submission_id: int) -> bool:
    """Return a submission on which nobody has decided; False if somebody has, or an edit came."""
    names = {"submission_id": submission_id, "now": utc_now()}
    return execute(_MARK, names).one_or_none() is not None


def is_returned_by_check(submission_id: int) -> bool:
    """True if a check returned the submission, and nothing has changed its state since.

    Only a check writes the findings for which it sets a state.
    """
    last = execute(_LAST_STATE, {"submission_id": submission_id}).scalar_one_or_none() or {}
    return last.get("reviewState") == ReviewState.HAS_ISSUES and "findings" in last


def set_states(submission_ids: Collection[int], state: ReviewState) -> None:
    query = update(Submission).where(Submission.id.in_(submission_ids))
    db.session.execute(query.values(review_state=state, updated_at=utc_now()))


def lock_submission(submission_id: int) -> LockedRow | None:
    """The row as it is now, locked; None where it was deleted or hidden meanwhile."""
    query = select(Submission.id).where(
        Submission.id == submission_id,
        Submission.deleted_at.is_(None),
        Submission.hidden_at.is_(None),
    )
    found = db.session.scalars(query.with_for_update()).all()
    return next(iter(_read_locked(found)), None)


@dataclass(frozen=True, slots=True)
class Reviewable:
    """Which submissions of a form are reviewed together; what is empty does not limit.

    `version_ids` and `finding_codes` are those of the current answers.
    """

    scope: ExportScope
    state: ReviewState
    villages: tuple[str, ...] = ()
    version_ids: tuple[int, ...] = ()
    submitter_ids: tuple[int, ...] = ()
    finding_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extent:
    """How many would change, and the newest version that was there when they were counted.

    What comes later is not what the reviewer was told of, and is left alone.
    """

    count: int
    last_version_id: int


def count_reviewable(wanted: Reviewable, rows: Scope) -> Extent:
    query = _select(wanted, rows, func.count(), func.max(SubmissionVersion.id))
    count, last = db.session.execute(query).one()
    return Extent(count, last or 0)


def lock_page(
    wanted: Reviewable, rows: Scope, extent: Extent, *, after_id: int, limit: int
) -> tuple[Sequence[LockedRow], int]:
    """The next ones in the order of ids, locked; and the last id that was looked at, 0 at the end.

    An edit that is under way is waited for, and what it edits left out: so it is read anew.
    """
    query = _select(wanted, rows, Submission.id).where(
        Submission.id > after_id, SubmissionVersion.id <= extent.last_version_id
    )
    query = query.order_by(Submission.id).limit(limit).with_for_update(of=Submission)
    found = db.session.scalars(query).all()
    locked = [row for row in _read_locked(found) if row.version_id <= extent.last_version_id]
    return locked, found[-1] if found else 0


def _read_locked(ids: Collection[int]) -> Sequence[LockedRow]:
    """By a statement of its own: that which waited for the lock saw the versions of before."""
    query = (
        select(
            Submission.id,
            Submission.review_state,
            Submission.erased_at,
            SubmissionVersion.id.label("version_id"),
        )
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(Submission.id.in_(ids), SubmissionVersion.is_current)
        .order_by(Submission.id)
    )
    return db.session.execute(query).all()


def _select(wanted: Reviewable, rows: Scope, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Submission)
        .join(SubmissionVersion, SubmissionVersion.submission_id == Submission.id)
        .where(SubmissionVersion.is_current, *_conditions(wanted), within(rows))
    )


def _conditions(wanted: Reviewable) -> Iterator[ColumnElement[bool]]:
    yield from in_scope(wanted.scope)
    yield Submission.erased_at.is_(None)
    yield Submission.review_state != wanted.state
    for column, values in (
        (Submission.village_code, wanted.villages),
        (SubmissionVersion.form_version_id, wanted.version_ids),
        (Submission.submitter_id, wanted.submitter_ids),
    ):
        if values:
            yield column.in_(values)
    if wanted.finding_codes:
        yield _has_finding(wanted.finding_codes)


def _has_finding(codes: Sequence[str]) -> ColumnElement[bool]:
    of_current = Finding.submission_version_id == SubmissionVersion.id
    return exists().where(of_current, Finding.code.in_(codes))


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A change of state, or (None) a comment; `text` is what was said, for a change its reason."""

    at: datetime
    actor: str
    review_state: ReviewState | None
    text: str


def list_history(submission_id: int) -> list[HistoryEntry]:
    """States and comments in one list, newest first: a comment above the change it came with."""
    said = [
        HistoryEntry(comment.created_at, actor.display_name if actor else "", None, comment.body)
        for comment, actor in reversed(list_comments(submission_id))
    ]
    entries = sorted([*_list_states(submission_id), *said], key=lambda entry: entry.at)
    return entries[::-1]


def find_return_reason(state: ReviewState, history: Sequence[HistoryEntry]) -> str:
    """Why a submission was returned: what was said with the state or first after it.

    Empty where it is not, and where its findings returned it.
    """
    reason = ""
    for entry in history if state in RETURNED else ():
        if entry.review_state is not None:
            return (reason or entry.text) if entry.review_state is state else ""
        reason = entry.text
    return ""


def _list_states(submission_id: int) -> Iterator[HistoryEntry]:
    """Oldest first. Rows of drafts are passed over: the number may have been one's before."""
    query = (
        select(Audit, Actor.display_name)
        .outerjoin(Actor, Actor.id == Audit.actor_id)
        .where(
            Audit.actee_type == "submission",
            Audit.actee_id == submission_id,
            Audit.action.in_([*_STATE_OF, _REVIEWED]),
        )
        .order_by(Audit.id)
    )
    for audit, name in db.session.execute(query):
        details = audit.details or {}
        if not details.get("draft"):
            state = _STATE_OF.get(audit.action) or ReviewState(
                details.get("reviewState") or ReviewState.RECEIVED
            )
            yield HistoryEntry(audit.logged_at, name or "", state, audit.notes or "")
