"""Check what was received before: after a form's checks changed, and every night.

The rules of a single slip find the same again; comparisons see what came meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from forms.errors import InstanceRefused
from forms.instances import parse_instance
from server.actions.checking.asked import Circumstances
from server.actions.checking.judgements import CHECK_FAILED, Judgement, failure
from server.actions.checking.recording import Checked, record
from server.actions.checking.slips import Checker, judge
from server.auth.callers import Caller
from server.db import db, transaction
from server.models import ReviewState
from server.queries import checked, findings

_PAGE = 100


@dataclass(slots=True)
class Outcome:
    """How many submissions were looked at, in how many other things were found than before, and
    how often each code was found.
    """

    submissions: int = 0
    changed: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        return self.codes[CHECK_FAILED]


def check_again(
    checker: Checker,
    *,
    by: Caller,
    form_id: int | None = None,
    submission_id: int | None = None,
    changed_since: datetime | None = None,
    progress: Callable[[int], object] = lambda count: None,
) -> Outcome:
    """All, those of a form, one, or what has changed since. Each page is written by itself."""
    outcome = Outcome()
    next_page = partial(
        checked.list_current,
        limit=_PAGE,
        form_id=form_id,
        submission_id=submission_id,
        changed_since=changed_since,
    )
    last = 0
    while rows := next_page(last):
        judged = [(row, _judge(row, checker)) for row in rows]
        db.session.rollback()  # nothing is held while others write
        with transaction():
            _write(judged, outcome, by)
        last = rows[-1].id
        progress(len(rows))
    return outcome


def _judge(row: checked.CheckedRow, checker: Checker) -> Judgement:
    about = Circumstances(
        actor_id=row.submitter_id,
        project_id=row.project_id,
        catalogue=row.catalogue,
        village_code=row.village_code,
        edition=row.edition,
        commune_code=row.commune_code,
        received_at=row.received_at,
        tz=checker.tz,
        secret_key=checker.secret_key,
    )
    try:
        instance = parse_instance(row.xml)
    except InstanceRefused as error:  # of a server before this one; it stays as it is
        return Judgement((failure(error),))
    return judge(instance, (row.form_version_id, row.sha256), about, checker.storage)


def _write(
    judged: list[tuple[checked.CheckedRow, Judgement]], outcome: Outcome, by: Caller
) -> None:
    current = checked.lock_current([row.version_id for row, _ in judged])
    known = findings.list_checked(sorted(current))
    for row, judgement in judged:
        if row.version_id not in current:
            continue
        about = Checked(
            row.form_id,
            row.id,
            row.version_id,
            (row.form_version_id, row.sha256),
            row.catalogue,
            known=tuple(known.get(row.version_id, ())),
            is_returned=row.review_state is ReviewState.HAS_ISSUES,
        )
        found = record(judgement, about, by=by)
        outcome.submissions += 1
        outcome.changed += found != about.known
        outcome.codes.update(finding.code for finding in found)
