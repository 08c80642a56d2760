"""Where an entity belongs, and so on which phones it is: by its own properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from server.queries import units, villages
from server.queries.datasets import DatasetFacts
from server.queries.entities import Place

VILLAGE, COMMUNE = "village_code", "commune_code"


def has_places(facts: DatasetFacts) -> bool:
    """Whether the entities of a list say where they belong."""
    return any(property_.name in (VILLAGE, COMMUNE) for property_ in facts.properties)


def is_commune(edition: str, code: str) -> bool:
    return units.find_commune(edition, code) is not None


def place_of(
    data: Mapping[str, str],
    received: Mapping[str, str],
    *,
    before: Place | None,
    sent_from: Place,
    knows: Callable[[str, str], bool] = is_commune,
) -> Place:
    """What the properties say, in the edition in which they were written down.

    Where they say nothing, it is where it was before, and first where its slip was reported from.
    A village without a commune, or with one that is not in that edition, is in the one that has it
    there. Else it is, as submissions are, where the slip was reported from. `knows` tells whether
    an edition has a commune of that code.
    """
    village, commune = _short(data.get(VILLAGE), 32), _short(data.get(COMMUNE), 16)
    if not village and not commune:
        return before or sent_from
    if before is not None and not _says_place(received, before):
        return before
    is_told = before is None or COMMUNE in received
    # Without units every code is as good as any other.
    is_known = sent_from.edition is None or commune == sent_from.commune_code
    if commune and is_told and (is_known or knows(sent_from.edition or "", commune)):
        return Place(village, sent_from.edition, commune)
    known = villages.list_communes_of_village(village) if village else {}
    own = known.get(sent_from.edition or "")
    if own is None and commune and before is not None and not is_told:  # a village nobody knows
        return Place(village, before.edition, commune)
    return Place(village, sent_from.edition, own or sent_from.commune_code)


class TodaysPlaces:
    """Where entities belong whose properties are written down on a day, without a slip."""

    def __init__(self, on: date) -> None:
        edition = units.find_edition(on)
        self.edition = edition.id if edition else None
        self._communes: dict[str, str | None] = {}
        self._knows = cache(is_commune)

    def find(
        self, data: Mapping[str, str], received: Mapping[str, str], *, before: Place | None = None
    ) -> Place:
        """A village without a commune is in the one that has it today."""
        today = Place(None, self.edition, self.commune_of(data.get(VILLAGE, "")))
        return place_of(data, received, before=before, sent_from=today, knows=self._knows)

    def knows(self, commune: str) -> bool:
        """Without units every code is a commune's."""
        return self.edition is None or self._knows(self.edition, commune)

    def commune_of(self, village: str) -> str | None:
        """The one that has the village that day."""
        if village and village not in self._communes:
            known = villages.list_communes_of_village(village)
            self._communes[village] = known.get(self.edition or "")
        return self._communes.get(village)


def _says_place(received: Mapping[str, str], before: Place) -> bool:
    """Forms send a village again that is what it was: that moves nobody."""
    is_elsewhere = received.get(VILLAGE) not in (None, before.village_code or "")
    return COMMUNE in received or is_elsewhere


def _short(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
