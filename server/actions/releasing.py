"""Apply the edits that waited, once what they edit is there.

An edit is held in one transaction and its original received in another, perhaps at the same moment:
each looks for the other after its own commit, so that one of them finds both.
"""

from __future__ import annotations

from collections import deque

from server.actions.checking.slips import Checker
from server.actions.definitions import get_compiled
from server.actions.holding import held_slip
from server.actions.quarantine import quarantine_held
from server.actions.receiving import Receipt, keep_slip
from server.actions.targets import Target
from server.auth.callers import Caller, Occasion
from server.db import savepoint
from server.errors import Problem
from server.models import HeldEdit
from server.queries import audits, forms, held_edits, submissions


def is_release_due(receipt: Receipt) -> bool:
    """Ask after the commit of what was received; then release in a transaction of its own."""
    return held_edits.is_awaited(receipt.form_id, receipt.awaited_id)


def release_edits(form_id: int, awaited_id: str, *, checker: Checker) -> int:
    """Apply every edit of an instance that has come, and the edits of those; return how many.

    An edit that can no longer be applied goes to quarantine: it was acknowledged.
    """
    released = 0
    ids = deque([awaited_id])
    while ids:
        instance_id = ids.popleft()
        if submissions.find_version(form_id, instance_id) is None:
            continue
        for held in held_edits.take_waiting(form_id, instance_id):
            _apply(held, checker)
            ids.append(held.instance_id)
            released += 1
    return released


def _apply(held: HeldEdit, checker: Checker) -> None:
    version = forms.get_version_by_id(held.form_version_id)
    compiled = get_compiled(version.id, version.sha256, version.commune_field)
    target = Target(
        held.project_id,
        held.form_id,
        version.id,
        compiled,
        version.form.data_class,
        version.sha256,
    )
    sender = Caller(held.actor_id, "", Occasion.now(checker.tz, "job"), project_id=held.project_id)
    try:
        with savepoint():
            slip = checker.judged(held_slip(held), target, by=sender)
            keep_slip(slip, target, by=sender, tz=checker.tz)
            audits.log(sender, "submission.backlog.reprocess", "form", held.form_id)
    except Problem as problem:
        quarantine_held(held, problem, by=sender)
