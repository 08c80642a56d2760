"""Write what a check found, in the transaction that keeps the submission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.checking import TOO_MANY_FINDINGS, Finding, Severity, bounded
from server.actions.checking.asked import Key
from server.actions.checking.judgements import CHECK_FAILED, TOO_MUCH_WORK, Judgement, failure
from server.actions.checking.named import CHECKS
from server.actions.checking.named.kinds import Other
from server.actions.checking.rules import get_checked_form
from server.auth.callers import Caller
from server.db import columns_of, statement_savepoint
from server.models import ReviewState
from server.queries import audits, check_keys, findings, reviews

_UNFINISHED = frozenset({CHECK_FAILED, TOO_MUCH_WORK, TOO_MANY_FINDINGS})


@dataclass(frozen=True, slots=True)
class Checked:
    """Which version of which submission was checked, by what."""

    form_id: int
    submission_id: int
    version_id: int
    form_version: tuple[int, str]
    catalogue: int | None = None
    is_new: bool = False
    known: tuple[Finding, ...] | None = None
    """What the last check found; None if nobody has looked."""
    is_returned: bool = False
    """What an earlier check returned may have been right all along."""


def record(judgement: Judgement, checked: Checked, *, by: Caller) -> tuple[Finding, ...]:
    """Keep keys, and findings where they are others than before; return the findings.

    A fault in a check leaves the submission as it is, and the mark of a check that failed.
    """
    if not judgement.findings and not judgement.keys and checked.is_new:
        return ()
    try:
        with statement_savepoint():
            compared = _keep_keys(judgement, checked)
    except Exception as error:  # noqa: BLE001 - a check that fails must not cost the slip
        compared = [failure(error)]
    found = bounded([*judgement.findings, *compared])
    if found != checked.known:
        findings.replace_checked(checked.version_id, found, is_new=checked.is_new)
    _return_if_wrong(found, checked, by)
    if checked.is_returned and _is_sound(found):
        _take_back(checked, by)
    return found


def _keep_keys(judgement: Judgement, checked: Checked) -> list[Finding]:
    """By what later slips are compared with this one; return what older ones say of it."""
    compared = list(_compare(judgement.keys, checked))
    check_keys.replace_keys(
        checked.submission_id,
        [_row(key, checked) for key in judgement.keys],
        is_new=checked.is_new,
    )
    return compared


def _return_if_wrong(found: tuple[Finding, ...], checked: Checked, by: Caller) -> None:
    errors = sorted({f.code for f in found if f.severity is Severity.ERROR})
    if errors and reviews.mark_has_issues(checked.submission_id):
        _log(checked, ReviewState.HAS_ISSUES, errors[:20], by)


def _is_sound(found: tuple[Finding, ...]) -> bool:
    """What was not looked at to the end may be wrong there."""
    return not any(f.severity is Severity.ERROR or f.code in _UNFINISHED for f in found)


def _take_back(checked: Checked, by: Caller) -> None:
    """The server's own return alone: what a person decided stays."""
    row = reviews.lock_submission(checked.submission_id)
    is_returned = row is not None and row.review_state is ReviewState.HAS_ISSUES
    if is_returned and reviews.is_returned_by_check(checked.submission_id):
        reviews.set_states([checked.submission_id], ReviewState.RECEIVED)
        _log(checked, ReviewState.RECEIVED, [], by)


def _log(checked: Checked, state: ReviewState, codes: list[str], by: Caller) -> None:
    server = Caller(None, "", by.occasion)
    details = {"reviewState": state.in_central, "findings": codes}
    audits.log(server, "submission.update", "submission", checked.submission_id, **details)


def _compare(keys: Sequence[Key], checked: Checked) -> Iterator[Finding]:
    if not keys:
        return
    older = check_keys.list_older(checked.form_id, checked.submission_id, {k.key for k in keys})
    if not older:
        return
    by_key: dict[str, list[Other]] = {}
    for row in older:
        by_key.setdefault(row.key, []).append(_other(row))
    form = get_checked_form(checked.catalogue, *checked.form_version)
    declared = {check.declared.id: check.declared for check in form.checks}
    for key in keys:
        others = by_key.get(key.key)
        compare = CHECKS[declared[key.code].check].compare
        finding = compare(declared[key.code], key, others) if others and compare else None
        if finding is not None:
            yield finding


def _other(row: check_keys.OtherRow) -> Other:
    return Other(row.instance_id, row.same, row.day, row.latitude, row.longitude)


def _row(key: Key, checked: Checked) -> dict[str, object]:
    row = columns_of(key)
    del row["value"]
    return row | {"submission_id": checked.submission_id, "form_id": checked.form_id}
