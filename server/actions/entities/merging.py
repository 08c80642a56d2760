"""Two entities that are one child: proposed by name, merged by a person, taken apart again.

Nobody is merged by a machine (domain.md §6.2): twins of one household are not even proposed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from forms.folding import fold
from server.actions.due.keeping import keep_due
from server.actions.entities.access import Access, require_access
from server.actions.entities.places import COMMUNE, VILLAGE, place_of
from server.actions.entities.references import HOUSEHOLD, touch_references
from server.actions.entities.subjects import via
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.db import utc_now
from server.errors import EntityRefused, NotFound
from server.models import ConflictState
from server.queries import audits, entities, entity_erasures, entity_lists, entity_merges
from server.queries.datasets import DatasetFacts
from server.queries.entities import EntityRow, NewVersion, Place
from server.queries.entity_lists import LiveRow
from server.queries.entity_merges import GivenRow

DAYS = 31
"""Birth dates that lie further apart are those of two children."""
_NAME, _BORN, _SEX = "full_name", "dob", "sex"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two entities that may be one: the older first."""

    keep: str
    drop: str
    labels: tuple[str, str]
    village_codes: tuple[str, str]


def propose_merges(facts: DatasetFacts, *, by: Caller) -> Iterator[Proposal]:
    """In one commune, of the same name (however it is spelt) and sex, born about the same day, in
    two households; without a birth date nobody can tell.

    Without names in the list the labels are compared. Looks at all that the caller may read.
    """
    access = require_access(facts, Verb.ENTITY_READ, by=by)
    alike: dict[tuple[str, ...], list[tuple[date, LiveRow]]] = {}
    for row in entity_lists.list_live(facts.id, access.scope):
        name, born = fold(row.data.get(_NAME) or row.label), _day(row.data.get(_BORN))
        if name and born is not None:
            key = (name, row.data.get(_SEX, ""), row.data.get(COMMUNE, ""))
            alike.setdefault(key, []).append((born, row))
    for rows in alike.values():
        yield from _close_pairs(sorted(rows, key=lambda pair: (pair[0], pair[1].id)))


def merge_entities(facts: DatasetFacts, keep: str, drop: str, *, by: Caller) -> int:
    """Make `drop` part of `keep`, which gets what it lacks; return its version then.

    What both say stays as `keep` has it; `drop` is deleted and knows what it became.
    """
    if keep == drop:
        raise EntityRefused(subject="same", reason=keep)
    kept, dropped = _lock_two(facts, keep, drop, by)
    at = utc_now()
    lacking = {k: v for k, v in dropped.data.items() if v and not kept.data.get(k)}
    version = _add_version(kept, lacking, f"merge {drop}", by)
    entity_merges.set_merged(dropped.id, kept.id, at)
    touch_references(dropped.id)
    keep_due([kept.id, dropped.id], tz=by.occasion.tz)
    entities.touch_places(facts.id, [_place(kept), _place(dropped)])
    about = {"uuid": drop, "into": keep}
    audits.log_many(by, [("entity.merge", "entity", id_, about) for id_ in (kept.id, dropped.id)])
    return version


def split_entity(facts: DatasetFacts, drop: str, *, by: Caller, keep: str = "") -> str:
    """Undo a merge: return the other, which is again what it would be without it.

    What slips brought for `drop` since is given back to `drop`.
    """
    into = entity_merges.find_merged(facts.id, drop)
    if into is None or keep not in ("", into):
        raise NotFound(subject="merged_entity", name=drop)
    kept, dropped = _lock_two(facts, into, drop, by, is_merged=True)
    if not dropped.label:  # erased: there is nothing that could stand by itself
        raise NotFound(subject="merged_entity", name=drop)
    sources = {via(name) for name in entity_merges.list_names(dropped.id)} | {f"merge {drop}"}
    given = entity_merges.list_given(kept.id, sources)
    merge = max(row.number for row in given if row.source == f"merge {drop}")
    undone = _undone(kept, given, sources)
    place = place_of({**kept.data, **undone}, undone, before=_place(kept), sent_from=_place(kept))
    _add_version(kept, undone, f"split {drop}", by, place=place)
    moved = _give_back(dropped, [row for row in given if row.number > merge], _place(kept))
    entity_merges.set_merged(dropped.id, None, None)
    touch_references(dropped.id)
    keep_due([kept.id, dropped.id], tz=by.occasion.tz)
    about = {"uuid": drop, "from": into}
    audits.log_many(by, [("entity.split", "entity", id_, about) for id_ in (kept.id, dropped.id)])
    entities.touch_places(facts.id, [_place(kept), place, _place(dropped), moved])
    return into


def _undone(kept: EntityRow, given: Sequence[GivenRow], sources: Collection[str]) -> dict[str, str]:
    """What others made of the values that were given, where that is not what is there."""
    made: dict[str, str] = {}
    for version in entity_erasures.list_sources(kept.id):
        if version.source not in sources:
            made |= version.received
    now: Mapping[str, str] = {**kept.data, "label": kept.label}
    names = {name for row in given for name in row.received}
    return {
        name: made.get(name, "")
        for name in sorted(names)
        if made.get(name, "") != now.get(name, "")
    }


def _give_back(dropped: EntityRow, given: Sequence[GivenRow], sent_from: Place) -> Place:
    """Each becomes a version, with a conflict: nobody can tell any more what it was made on."""
    at, data, label, place = utc_now(), dropped.data, dropped.label, _place(dropped)
    added: list[NewVersion] = []
    for number, row in enumerate(given, dropped.version + 1):
        sent = {name: value for name, value in row.received.items() if name != "label"}
        data, label = {**data, **sent}, row.received.get("label", label)
        place = place_of(data, sent, before=place, sent_from=sent_from)
        added.append(
            NewVersion(
                number=number,
                label=label,
                data=data,
                received=row.received,
                branch_id=row.branch_id,
                trunk_version=row.trunk_version,
                branch_base_version=row.branch_base_version,
                conflict=ConflictState.SOFT,
                submission_id=row.submission_id,
                submission_version_id=row.submission_version_id,
                path=row.path,
                source="" if row.source == via(dropped.uuid) else row.source,
                creator_id=row.creator_id,
                user_agent=row.user_agent,
            )
        )
    if added:
        newest = replace(added[-1], conflict=dropped.conflict or ConflictState.SOFT)
        entities.change_entities([(dropped.id, newest, place, at)])
    entities.add_versions([(dropped.id, version, at) for version in added])
    return place


def _lock_two(
    facts: DatasetFacts, keep: str, drop: str, by: Caller, *, is_merged: bool = False
) -> tuple[EntityRow, EntityRow]:
    changing = require_access(facts, Verb.ENTITY_UPDATE, by=by)
    deleting = require_access(facts, Verb.ENTITY_DELETE, by=by)
    rows = entities.lock_entities([(facts.id, keep), (facts.id, drop)])
    kept, dropped = rows.get((facts.id, keep)), rows.get((facts.id, drop))
    if kept is None or kept.deleted_at is not None or not _holds(changing, kept):
        raise NotFound(subject="entity", name=keep)
    if dropped is None or (dropped.deleted_at is not None) is not is_merged:
        raise NotFound(subject="entity", name=drop)
    if not _holds(deleting, dropped):
        raise NotFound(subject="entity", name=drop)
    return kept, dropped


def _add_version(
    row: EntityRow,
    sent: Mapping[str, str],
    source: str,
    by: Caller,
    *,
    place: Place | None = None,
) -> int:
    data = {name: value for name, value in sent.items() if name != "label"}
    version = NewVersion(
        number=row.version + 1,
        label=sent.get("label", row.label),
        data={**row.data, **data},
        received=dict(sent),
        base_version=row.version,
        source=source,
        creator_id=by.actor_id,
    )
    at = utc_now()
    current = replace(version, conflict=row.conflict)
    entities.change_entities([(row.id, current, place or _place(row), at)])
    entities.add_versions([(row.id, version, at)])
    return version.number


def _close_pairs(rows: Sequence[tuple[date, LiveRow]]) -> Iterator[Proposal]:
    """Of rows sorted by birth date: only neighbours are looked at."""
    for at, (born, row) in enumerate(rows):
        for other_born, other in islice(rows, at + 1, None):
            if (other_born - born).days > DAYS:
                break
            household = row.data.get(HOUSEHOLD)
            if not household or household != other.data.get(HOUSEHOLD):
                yield _proposal(*sorted((row, other), key=lambda r: r.id))


def _proposal(first: LiveRow, second: LiveRow) -> Proposal:
    villages: Sequence[str] = [row.data.get(VILLAGE, "") for row in (first, second)]
    return Proposal(
        first.uuid, second.uuid, (first.label, second.label), (villages[0], villages[1])
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _holds(access: Access, row: EntityRow) -> bool:
    return access.scope.holds(row.village_code, row.edition or "", row.commune_code or "")


def _place(row: EntityRow) -> Place:
    return Place(row.village_code, row.edition, row.commune_code)
