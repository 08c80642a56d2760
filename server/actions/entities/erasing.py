"""What an erased slip made is erased too (design, promise 2).

An entity that it created is emptied and deleted. Of one that it changed, its values go, and every
later version is what the others make without them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo

from server.actions.due.keeping import keep_due
from server.db import utc_now
from server.queries import entities
from server.queries.entities import Place


def hide_made(submission_ids: Collection[int]) -> None:
    """Phones are told at once that what these slips made is off their lists."""
    for submission_id in submission_ids:
        for row in entities.lock_made_by(submission_id):
            before = Place(row.village_code, row.edition, row.commune_code)
            entities.touch_places(row.dataset_id, [before])


def erase_made(submission_id: int, *, child_key: str = "", tz: tzinfo) -> None:
    """Of the whole slip, or only the child of that key."""
    for row in entities.lock_made_by(submission_id):
        if child_key and row.uuid != child_key.lower().removeprefix("uuid:"):
            continue
        before = Place(row.village_code, row.edition, row.commune_code)
        versions = entities.list_sources(row.id)
        if versions[0].submission_id == submission_id:
            entities.empty(row.id, utc_now())
        else:
            _leave_out(row.id, versions, submission_id)
        keep_due([row.id], tz=tz)
        entities.touch_places(row.dataset_id, [before])


def _leave_out(entity_id: int, versions: list[entities.SourceRow], submission_id: int) -> None:
    label, data = "", dict[str, str]()
    for version in versions:
        if version.submission_id == submission_id:
            received = dict[str, str]()
        else:
            received = dict(version.received)
        said = received.get("label", "")
        label = said or label
        data = {**data, **{k: v for k, v in received.items() if k != "label"}}
        entities.rewrite_version(version.id, label=label, data=data, received=received)
    entities.rewrite_current(entity_id, label=label, data=data)
