"""Bring what slips say into the register: at receipt, at approval, and after waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from forms.entities import Version, successors
from forms.instances import parse_instance
from server.actions.definitions import get_compiled
from server.actions.entities.applying import apply_changes, asks_to_make, held_key
from server.actions.entities.known import find_lists
from server.actions.entities.lists import may_see
from server.actions.entities.restricting import correct_facts
from server.actions.entities.sources import Source
from server.actions.slips import Slip
from server.actions.targets import Target
from server.auth.callers import Caller
from server.db import utc_now
from server.models import ReviewState
from server.queries import audits, dataset_uses, entities, held_changes, registered
from server.queries.datasets import DatasetFacts
from server.queries.entities import Key, Place

LONGEST_WAIT = timedelta(days=5)
"""Then a change is applied though its predecessor never came, as in Central."""
_PAGE = 100
_DROPPED = "submission.backlog.drop"


def register_slip(
    slip: Slip, target: Target, added: tuple[int, int], reported: Place, *, by: Caller
) -> None:
    """Of a version that is new. An edit counts only where nothing came of the submission yet
    (central-api.md §15.3), but for restricted facts.
    """
    declarations = target.compiled.entities
    if not declarations or target.is_draft or slip.instance.is_encrypted:
        return
    submission_id, version_id = added
    source = Source(
        root=slip.instance.root,
        declarations=declarations,
        facts=target.compiled.facts,
        lists=find_lists(by.catalogue, target.project_id),
        submission_id=submission_id,
        version_id=version_id,
        reported=reported,
        creator_id=by.actor_id,
        user_agent=slip.user_agent,
        may_see=may_see(by),
    )
    if slip.instance.deprecated_id is not None:
        if entities.has_made_any(submission_id):
            correct_facts(source, by=by)
            return
        held_changes.drop_of([submission_id])
    release_waiting(apply_changes(source, by=by), by)


def register_approved(submission_id: int, *, by: Caller) -> None:
    """What waited for the approval of staff."""
    row = registered.find_current(submission_id)
    if row is not None and not entities.has_made_any(submission_id):
        held_changes.drop_of([submission_id])
        source = replace(_source(row, by), is_approved=True)
        release_waiting(apply_changes(source, by=by), by)


def list_waiting(facts: DatasetFacts, *, by: Caller) -> list[int]:
    """Slips that make an entity of a list once they are approved; reads each that may."""
    ids = dataset_uses.list_undecided({maker.form_id for maker in facts.makers})
    return [
        id_
        for id_ in ids
        if (row := registered.find_current(id_)) is not None
        and asks_to_make(_source(row, by), facts.name)
    ]


def register_row(submission_id: int, *, by: Caller) -> bool:
    """What a submission says that nothing came of; False if nothing comes of it now either.

    What staff rejected may say nothing.
    """
    row = registered.find_current(submission_id)
    if row is None or _is_rejected(row) or entities.has_made_any(submission_id):
        return False
    held_changes.drop_of([submission_id])
    release_waiting(apply_changes(_source(row, by), by=by), by)
    return entities.has_made_any(submission_id)


def drop_waiting(submission_ids: Collection[int], *, by: Caller) -> None:
    """What waits of submissions that are rejected or erased is never done; what came of them
    before stays.
    """
    dropped = held_changes.drop_of(submission_ids)
    audits.log_many(by, [(_DROPPED, "submission", id_, {}) for id_ in dropped])


def register_overdue(*, by: Caller) -> int:
    """Apply what has waited too long, and all that waited for it; return how many."""
    ids = held_changes.list_held_since(utc_now() - LONGEST_WAIT, limit=_PAGE)
    for version_id in ids:
        row = _find_waiting(version_id, by)
        held_changes.release(version_id)
        if row is not None:
            release_waiting(apply_changes(_source(row, by), by=by, force=True), by)
    return len(ids)


def release_created(keys: Sequence[Key], by: Caller) -> None:
    """What waited for entities that came otherwise than by a slip."""
    if held_changes.count_held():
        first = Version(1, "", {})
        waiting = [held_key(key, name) for key in keys for name in successors(first)]
        for start in range(0, len(waiting), _PAGE):
            release_waiting(waiting[start : start + _PAGE], by)


def release_waiting(keys: list[str] | None, by: Caller) -> None:
    """Apply what slips ask for that waited for these keys (`applying.held_key`), and so on."""
    server = Caller(None, "", by.occasion)
    waiting = deque([keys] if keys else [])
    while waiting:
        for version_id in held_changes.list_waiting(waiting.popleft()):
            row = _find_waiting(version_id, server)
            more = apply_changes(_source(row, by), by=server) if row is not None else []
            if more is not None:
                held_changes.release(version_id)
            if more:
                waiting.append(more)


def _find_waiting(version_id: int, by: Caller) -> registered.RegisteredRow | None:
    """None where it is no longer what the submission says, or something came of it otherwise."""
    row = registered.find_version(version_id)
    if row is not None and _is_rejected(row):
        drop_waiting([row.submission_id], by=by)
        return None
    return None if row is None or entities.has_made_any(row.submission_id) else row


def _is_rejected(row: registered.RegisteredRow) -> bool:
    return row.review_state is ReviewState.REJECTED


def _source(row: registered.RegisteredRow, by: Caller) -> Source:
    sender = Caller(
        row.submitter_id, "", by.occasion, project_id=row.project_id, catalogue=row.catalogue
    )
    compiled = get_compiled(row.form_version_id, row.sha256, row.commune_field)
    return Source(
        root=parse_instance(row.xml).root,
        declarations=compiled.entities,
        facts=compiled.facts,
        lists=find_lists(row.catalogue, row.project_id),
        submission_id=row.submission_id,
        version_id=row.id,
        reported=Place(row.village_code, row.edition, row.commune_code),
        creator_id=row.submitter_id,
        user_agent=row.user_agent,
        may_see=may_see(sender),
        is_approved=row.review_state is ReviewState.APPROVED,
    )
