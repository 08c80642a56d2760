"""Properties that name an entity of another list: followed when read, to what that became.

What was written stays as it was, so that undoing a merge needs no more than not following it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.actions.due.clocks import CASES, CHILDREN
from server.queries import entities, entity_merges
from server.queries.datasets import DatasetFacts

CHILD, HOUSEHOLD = "child_id", "household_id"


def follow(facts: DatasetFacts, found: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """The values of entities, in that order; a case of a merged child names what it became."""
    named = {data[CHILD] for data in found if data.get(CHILD)} if facts.name == CASES else set()
    into = entity_merges.find_survivors(facts.project_id, CHILDREN, named) if named else {}
    if not into:
        return found
    return [
        {**data, CHILD: into[data[CHILD]]} if data.get(CHILD) in into else data for data in found
    ]


def touch_references(entity_id: int) -> None:
    """Tell the phones that what names an entity, or what is part of it, names another now."""
    names = entity_merges.list_names(entity_id)
    places = entity_merges.list_referring(entity_id, CHILDREN, CASES, CHILD, names)
    for dataset_id, of_list in places.items():
        entities.touch_places(dataset_id, of_list)
