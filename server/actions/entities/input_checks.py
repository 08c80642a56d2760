"""What staff and programs may write into an entity."""

from __future__ import annotations

from collections.abc import Mapping

from server.actions.entities.access import Access
from server.actions.entities.limits import MAX_LABEL, MAX_VALUE
from server.actions.entities.places import COMMUNE, VILLAGE, TodaysPlaces
from server.errors import EntityRefused, TextTooLong, ValueNotAllowed
from server.queries.datasets import DatasetFacts


def check_label(label: str) -> str:
    """PostgreSQL takes no NUL."""
    text = label.replace("\0", "").strip()
    if not text:
        raise ValueNotAllowed(subject="label", field="label", value="", reason="blank")
    if len(text) > MAX_LABEL:
        raise TextTooLong(subject="label", limit=MAX_LABEL)
    return text


def check_data(data: Mapping[str, str], access: Access) -> dict[str, str]:
    """A property that the caller does not see is as unknown as one that is not there."""
    for name, value in data.items():
        if name not in access.properties:
            raise EntityRefused(subject="property", reason=name[:100])
        if len(value) > MAX_VALUE:
            raise TextTooLong(subject="property", limit=MAX_VALUE, property=name)
    return {name: value.replace("\0", "") for name, value in data.items()}


def check_commune(data: Mapping[str, str], places: TodaysPlaces) -> None:
    """What belongs to a commune that is not there would be on nobody's phone."""
    commune = data.get(COMMUNE, "")
    if commune and not places.knows(commune):
        raise ValueNotAllowed(
            subject="commune", field=COMMUNE, value=commune[:100], reason="no such commune today"
        )


def settle_place(
    sent: Mapping[str, str], known: Mapping[str, str], facts: DatasetFacts, places: TodaysPlaces
) -> dict[str, str]:
    """What an edit of `known` says: with the commune of another village that it names without one.

    An old code that is only sent again says nothing. Raises ValueNotAllowed for a commune that is
    not there today.
    """
    said = dict(sent)
    commune = said.get(COMMUNE)
    if commune and commune == known.get(COMMUNE) and not places.knows(commune):
        del said[COMMUNE]
    check_commune(said, places)
    village = said.get(VILLAGE, "")
    own = places.commune_of(village) if village != known.get(VILLAGE, "") else None
    has_communes = any(property_.name == COMMUNE for property_ in facts.properties)
    if own is not None and has_communes and COMMUNE not in said:
        said[COMMUNE] = own
    return said
