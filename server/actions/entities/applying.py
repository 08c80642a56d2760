"""What a slip does to the register, in the transaction that receives it (openrosa.md §9.5).

All that one slip asks for is done, or nothing of it: it waits where a predecessor is on its way,
and is refused into the audit log where it cannot be. None of that costs the slip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forms.entities import (
    Change,
    Conflict,
    Created,
    Held,
    Outcome,
    Refused,
    Updated,
    allowed_actions,
    decide,
    decide_merged,
    read_changes,
    successors,
)
from server.actions.due.clocks import CASES, CHILDREN, may_be_due
from server.actions.due.keeping import keep_due
from server.actions.entities.limits import MAX_LABEL, MAX_VALUE
from server.actions.entities.lists import is_case
from server.actions.entities.places import place_of
from server.actions.entities.restricting import note_facts
from server.actions.entities.sources import Source
from server.actions.entities.subjects import Subject, load_subjects, via
from server.auth.callers import Caller
from server.db import statement_savepoint, utc_now
from server.log import get_logger
from server.models import ConflictState
from server.queries import audits, entities, held_changes, registered
from server.queries.entities import Key, NewVersion, Place


def apply_changes(source: Source, *, by: Caller, force: bool = False) -> list[str] | None:
    """Do what the slip asks for; return the keys of what may have waited for it, None if it waits.

    `force` does it though a predecessor never came.
    """
    changes = read_changes(source.root, source.declarations)
    if not changes or _waits_for_approval(changes, source):
        return []
    for is_last in (False, True):  # others may have been faster, or in each other's way
        try:
            with statement_savepoint():
                return _apply(changes, source, by, force)
        except Exception as error:  # noqa: BLE001 - the register must not cost the slip
            if is_last:
                kind, id_ = type(error).__name__, source.submission_id
                get_logger().error("entities not written", kind=kind, submission=id_)
                _log_error(by, source, [Refusal("500.1", kind)])
    return []


def asks_to_make(source: Source, dataset: str) -> bool:
    """Whether the slip wants to make an entity of the list."""
    changes = read_changes(source.root, source.declarations)
    return any(change.create and change.dataset == dataset for change in changes)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A stable code, and which list it is about; no answers."""

    code: str
    about: str


def _waits_for_approval(changes: Sequence[Change], source: Source) -> bool:
    """Creations of a list that staff approve wait for the slip's approval, with all beside them."""
    if source.is_approved:
        return False
    wanted = (source.lists.get(c.dataset) for c in changes if c.create)
    return any(facts is not None and facts.approval_required for facts in wanted)


def _apply(changes: Sequence[Change], source: Source, by: Caller, force: bool) -> list[str] | None:
    subjects = load_subjects(
        {
            (facts.id, change.id)
            for change in changes
            if (facts := source.lists.get(change.dataset)) is not None
        }
    )
    refused: list[Refusal] = []
    for change in changes:
        outcome = _decide(change, subjects, source, force)
        if isinstance(outcome, Held):
            facts = source.lists[change.dataset]
            key = held_key((facts.id, change.id), outcome.key)
            held_changes.hold(source.version_id, source.submission_id, (facts.id, change.id), key)
            return None
        if isinstance(outcome, Refusal):
            refused.append(outcome)
    if refused:
        _log_error(by, source, refused)
        return []
    different = {subject.key: subject for subject in subjects.values()}
    _write(list(different.values()), source, by)
    return [waiting for subject in different.values() for waiting in subject.awaited]


def _decide(
    change: Change, subjects: Mapping[Key, Subject], source: Source, force: bool
) -> Held | Refusal | None:
    """Add what becomes of the entity to its history; or say why not."""
    facts = source.lists.get(change.dataset)
    if facts is None:
        return Refusal("404.7", change.dataset[:249])
    if len(change.label) > MAX_LABEL or any(len(v) > MAX_VALUE for v in change.data.values()):
        return Refusal("400.13", change.dataset)
    subject = subjects[(facts.id, change.id)]
    is_foreign = subject.before is not None and not source.may_see(facts, subject.before)
    if is_foreign and is_case(facts):
        return Refusal("403.1", change.dataset)
    outcome = _judge(change, subject, source, force)
    if isinstance(outcome, Held):
        return outcome
    if isinstance(outcome, Refused):
        return Refusal(outcome.code.value, change.dataset)
    if is_foreign and isinstance(outcome, Updated) and outcome.conflict is None:
        outcome = replace(outcome, conflict=Conflict.SOFT)
    _take(outcome, change, subject, source)
    return None


def _judge(change: Change, subject: Subject, source: Source, force: bool) -> Outcome:
    allowed = allowed_actions(change, source.declarations)
    merged = subject.merged.get(change.id)
    if merged is None or subject.is_deleted:
        return decide(
            change, subject.versions, is_deleted=subject.is_deleted, allowed=allowed, force=force
        )
    return decide_merged(change, merged, subject.versions, allowed=allowed, force=force)


def _take(outcome: Created | Updated, change: Change, subject: Subject, source: Source) -> None:
    version = outcome.version
    conflict = None
    conflicting: list[str] = []
    if isinstance(outcome, Updated) and outcome.conflict is not None:
        conflict = ConflictState(outcome.conflict.value)
        conflicting = list(outcome.conflicting)
        subject.conflict = _worst(subject.conflict, conflict)
    received = {**change.data, "label": change.label} if change.label else dict(change.data)
    subject.place = place_of(
        version.data, change.data, before=subject.before, sent_from=source.reported
    )
    subject.versions.append(version)
    own_key = (subject.key[0], change.id)
    subject.awaited += [held_key(own_key, waiting) for waiting in successors(version)]
    subject.added.append(
        NewVersion(
            number=version.number,
            label=version.label,
            data=dict(version.data),
            received=received,
            base_version=version.base_version,
            branch_id=version.branch_id,
            trunk_version=version.trunk_version,
            branch_base_version=version.branch_base_version,
            is_forced_create=version.is_forced_create,
            conflict=conflict,
            conflicting=conflicting or None,
            submission_id=source.submission_id,
            submission_version_id=source.version_id,
            path=change.path[:1000],
            source=via(change.id) if change.id in subject.merged else "",
            creator_id=source.creator_id,
            user_agent=source.user_agent,
        )
    )


def _worst(known: ConflictState | None, new: ConflictState) -> ConflictState:
    return ConflictState.HARD if known is ConflictState.HARD else new


def _write(subjects: Sequence[Subject], source: Source, by: Caller) -> None:
    at = utc_now()
    touched = [subject for subject in subjects if subject.added]
    new = [subject for subject in touched if subject.id is None]
    known = [subject for subject in touched if subject.id is not None]
    made = [(s.key, s.added[-1], s.place, at) for s in new]
    for subject, entity_id in zip(new, entities.add_entities(made), strict=True):
        subject.id = entity_id
    entities.change_entities([(s.id or 0, _newest(s), s.place, at) for s in known])
    entities.add_versions([(s.id or 0, version, at) for s in touched for version in s.added])
    note_facts(source, dict(_iter_named(touched)))
    keep_due(_with_clocks(known, new, source), tz=by.occasion.tz)
    places: dict[int, list[Place]] = {}
    for subject in touched:
        own = places.setdefault(subject.key[0], [])
        own += [p for p in (subject.before, subject.place) if p is not None]
    for dataset_id in sorted(places):
        entities.touch_places(dataset_id, places[dataset_id])
    audits.log_many(by, [_audited(s, v, source) for s in touched for v in s.added])


def _iter_named(touched: Sequence[Subject]) -> Iterator[tuple[Key, int]]:
    """By the key that the slip may have named; what is part of another has its facts itself."""
    for subject in touched:
        if subject.id is not None:
            yield subject.key, subject.id
        for uuid, id_ in subject.merged_ids.items():
            yield (subject.key[0], uuid), id_


def _with_clocks(known: Sequence[Subject], new: Sequence[Subject], source: Source) -> list[int]:
    """Those about which something may be due now, or was."""
    names = {source.lists[name].id: name for name in (CASES, CHILDREN) if name in source.lists}
    return [
        *(subject.id or 0 for subject in known if subject.key[0] in names),
        *(
            subject.id or 0
            for subject in new
            if (name := names.get(subject.key[0])) is not None
            and may_be_due(name, subject.added[-1].data)
        ),
    ]


def _newest(subject: Subject) -> NewVersion:
    """With the conflict that the entity has, whichever version brought it."""
    newest = subject.added[-1]
    if newest.conflict is subject.conflict:
        return newest
    return replace(newest, conflict=subject.conflict)


def _audited(
    subject: Subject, version: NewVersion, source: Source
) -> tuple[str, str, int, dict[str, object]]:
    action = "entity.create" if version.number == 1 else "entity.update.version"
    details: dict[str, object] = {
        "uuid": subject.key[1],
        "version": version.number,
        "submissionId": source.submission_id,
    }
    if version.source:
        details["merged"] = version.source.removeprefix(via(""))
    if version.conflict is not None:
        details["conflict"] = version.conflict.value
    return action, "entity", subject.id or 0, details


def _log_error(by: Caller, source: Source, refused: Sequence[Refusal]) -> None:
    """As Central: on the submission, with the problem's code; several are one problem of many.

    Once for a version and a problem, however often it is tried again.
    """
    first = refused[0]
    details: dict[str, object] = {"problem": first.code, "dataset": first.about}
    if len(refused) > 1:
        codes = [refusal.code for refusal in refused[:20]]
        details = {"problem": "400.43", "count": len(refused), "errors": codes}
    if details not in registered.list_refusals(source.submission_id, source.version_id):
        audits.log(by, "entity.error", "submission", source.submission_id, **details)


def held_key(key: Key, waiting: str) -> str:
    """Of an entity and what is waited for; short whatever a client sends."""
    dataset_id, uuid = key
    return hashlib.sha256(f"{dataset_id}|{uuid}|{waiting}".encode()).hexdigest()
