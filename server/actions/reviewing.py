"""Review what was received: states and comments, of one submission or of many (docs/review.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.actions.entities.registering import drop_waiting, register_approved, register_row
from server.auth.callers import Caller
from server.auth.gate import FormKey, require_rows, require_submission
from server.auth.roles import Verb
from server.errors import FieldMissing, NotAllowed, NotFound, SubmissionErased, TextTooLong
from server.models import Comment, Form, ReviewState, Submission
from server.queries import audits, comments, datasets, forms, reviews
from server.queries.reviews import RETURNED, Extent, LockedRow, Reviewable
from server.queries.scopes import Scope, is_within

MAX_COMMENT = 10_000
PAGE = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """A state, and what is said with it.

    `must_explain`: a slip is returned or rejected with a reason only. Central's clients say the
    reason in a request of its own.
    """

    state: ReviewState
    comment: str = ""
    must_explain: bool = True


def require_reason(decision: Decision) -> None:
    """Raise FieldMissing for a return that nobody could act on."""
    is_unexplained = decision.state in RETURNED and not _cleaned(decision.comment)
    if decision.must_explain and is_unexplained:
        raise FieldMissing(subject="return", field="comment")


def set_review_state(
    submission: Submission, decision: Decision, *, by: Caller, asked: str
) -> Comment | None:
    """Set the state, and say the comment; a state that is there already is not set again.

    But what a check returned, a person may return too: no check takes that back.

    Whoever reviews or edits takes turns: an edit that comes after a decision leaves `edited`, a
    decision that comes after an edit is one on the edit, which the audit log names.
    """
    form = forms.get_form_by_id(submission.form_id)
    require_submission(by, Verb.SUBMISSION_READ, submission, form, asked=asked)
    if not is_within(submission.id, _reviewable_rows(form, by)):
        raise NotAllowed
    body = _cleaned(decision.comment)
    row = _lock(submission, asked)
    if row.review_state is not decision.state or reviews.is_returned_by_check(row.id):
        require_reason(decision)
        _set([row], decision.state, by)
    return _say([row], body, by) if body else None


def add_comment(submission: Submission, text: str, *, by: Caller, asked: str) -> Comment:
    """Whoever may read a submission may comment on it, as in Central (central-api.md §10.2)."""
    form = forms.get_form_by_id(submission.form_id)
    require_submission(by, Verb.SUBMISSION_READ, submission, form, asked=asked)
    body = _cleaned(text)
    if not body:
        raise FieldMissing(subject="comment", field="body")
    return _say([_lock(submission, asked)], body, by)


def count_reviewable(wanted: Reviewable, form: Form, *, by: Caller) -> Extent:
    """How many of the caller's submissions a decision would change."""
    return reviews.count_reviewable(wanted, _reviewable_rows(form, by))


def review_page(
    wanted: Reviewable,
    decision: Decision,
    form: Form,
    extent: Extent,
    *,
    after_id: int,
    by: Caller,
) -> tuple[int, int]:
    """Decide on one page; return how many it changed and the last id, 0 at the end."""
    rows = _reviewable_rows(form, by)
    body = _cleaned(decision.comment)
    require_reason(decision)
    page, last_id = reviews.lock_page(wanted, rows, extent, after_id=after_id, limit=PAGE)
    if page:
        _set(page, decision.state, by)
        if body:
            _say(page, body, by)
    return len(page), last_id


def _reviewable_rows(form: Form, by: Caller) -> Scope:
    return require_rows(
        by, Verb.SUBMISSION_REVIEW, project_id=form.project_id, form=FormKey.of(form)
    )


def _lock(submission: Submission, asked: str) -> LockedRow:
    row = reviews.lock_submission(submission.id)
    if row is None:
        raise NotFound(subject="submission", name=asked)
    if row.erased_at is not None:
        raise SubmissionErased(instance_id=asked)
    return row


def _cleaned(text: str) -> str:
    """PostgreSQL takes no NUL."""
    body = text.replace("\0", "").strip()
    if len(body) > MAX_COMMENT:
        raise TextTooLong(subject="comment", limit=MAX_COMMENT)
    return body


def _set(rows: Sequence[LockedRow], state: ReviewState, by: Caller) -> None:
    reviews.set_states([row.id for row in rows], state)
    for row in rows:
        details = {"reviewState": state.in_central, "submissionDefId": row.version_id}
        audits.log(by, "submission.update", "submission", row.id, **details)
    _tell_register(rows, state, by)


def _tell_register(rows: Sequence[LockedRow], state: ReviewState, by: Caller) -> None:
    """What waits of a rejected slip is dropped, and done if the slip is no more rejected."""
    if state is ReviewState.REJECTED:
        drop_waiting([row.id for row in rows], by=by)
        return
    is_wanted = state is ReviewState.APPROVED and datasets.is_approval_required()
    for row in rows:
        if is_wanted:
            register_approved(row.id, by=by)
        elif row.review_state is ReviewState.REJECTED:
            register_row(row.id, by=by)


def _say(rows: Sequence[LockedRow], body: str, by: Caller) -> Comment:
    """The audit log has that something was said, never what."""
    for row in rows:
        audits.log(by, "submission.comment.create", "submission", row.id)
    return comments.add_comments([row.id for row in rows], body, actor_id=by.actor_id)
