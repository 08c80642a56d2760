"""What an erased slip made is erased too (design, promise 2).

An entity that it created is emptied and deleted. Of one that it changed, its values go, and every
later version is what the others make without them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import tzinfo

from server.actions.due.keeping import keep_due
from server.actions.entities.places import place_of
from server.actions.entities.references import touch_references
from server.actions.entities.subjects import via
from server.db import utc_now
from server.queries import entities, entity_erasures, entity_merges, restricted_facts
from server.queries.entities import EntityRow, Place
from server.queries.entity_erasures import SourceRow


def hide_made(submission_ids: Collection[int]) -> None:
    """Phones are told at once that what these slips made is off their lists."""
    for submission_id in submission_ids:
        for row in entity_erasures.lock_made_by(submission_id):
            before = Place(row.village_code, row.edition, row.commune_code)
            entities.touch_places(row.dataset_id, [before])


def erase_made(submission_id: int, *, child_key: str = "", tz: tzinfo) -> None:
    """Of the whole slip, or only the child of that key; and what merges took over from it."""
    wanted = child_key.lower().removeprefix("uuid:")
    restricted_facts.erase_of_submission(submission_id, uuid=wanted)
    for row in entity_erasures.lock_made_by(submission_id):
        versions = entity_erasures.list_sources(row.id)
        if wanted and row.uuid != wanted:
            if any(_is_via(v, submission_id, wanted) for v in versions):
                _leave_out(row, lambda v: _is_via(v, submission_id, wanted), tz)
        elif versions[0].submission_id == submission_id:
            empty_entity(row, tz=tz)
        else:
            _leave_out(row, lambda v: v.submission_id == submission_id, tz)


def empty_entity(row: EntityRow, *, tz: tzinfo) -> None:
    """All of its versions. What it gave by merges, undone or not, goes there too; what was merged
    into it stands again.
    """
    entity_erasures.empty(row.id, utc_now())
    restricted_facts.erase_of_entity(row.id)
    _note(row, _place(row), tz)
    for taker in entity_erasures.lock_takers(row.dataset_id, _given_by(row)):
        _leave_out(taker, lambda v: v.source in _given_by(row), tz)
    for merged in entity_erasures.lock_merged(row.id):
        entity_merges.set_merged(merged.id, None, None)
        touch_references(merged.id)
        _note(merged, _place(merged), tz)


def _is_via(version: SourceRow, submission_id: int, uuid: str) -> bool:
    return version.submission_id == submission_id and version.source == via(uuid)


def _given_by(row: EntityRow) -> tuple[str, str]:
    """The sources of versions that others have from it."""
    return f"merge {row.uuid}", via(row.uuid)


def _leave_out(row: EntityRow, is_gone: Callable[[SourceRow], bool], tz: tzinfo) -> None:
    _rewrite(row, lambda v: dict[str, str]() if is_gone(v) else dict(v.received), tz)


def _rewrite(row: EntityRow, stays: Callable[[SourceRow], dict[str, str]], tz: tzinfo) -> None:
    """Make its versions anew of what stays of each, then those of what took something from it."""
    label, data = "", dict[str, str]()
    said: set[tuple[str, str]] = set()
    is_same = True
    for version in entity_erasures.list_sources(row.id):
        received = stays(version)
        is_same = is_same and received == version.received
        said |= received.items()
        label = received.get("label", "") or label
        data = {**data, **{k: v for k, v in received.items() if k != "label"}}
        entity_erasures.rewrite_version(version.id, label=label, data=data, received=received)
    if is_same:
        return
    place = place_of(data, data, before=None, sent_from=_place(row))
    entity_erasures.rewrite_current(row.id, label=label, data=data, place=place)
    _note(row, place, tz)
    merge, _ = _given_by(row)
    for taker in entity_erasures.lock_takers(row.dataset_id, (merge,)):
        _rewrite(taker, lambda v: _taken(v, merge, said), tz)


def _taken(version: SourceRow, merge: str, said: Collection[tuple[str, str]]) -> dict[str, str]:
    """What the merge brought is left only as far as the other still says it."""
    if version.source != merge:
        return dict(version.received)
    return {name: value for name, value in version.received.items() if (name, value) in said}


def _note(row: EntityRow, place: Place, tz: tzinfo) -> None:
    keep_due([row.id], tz=tz)
    entities.touch_places(row.dataset_id, [_place(row), place])


def _place(row: EntityRow) -> Place:
    return Place(row.village_code, row.edition, row.commune_code)
