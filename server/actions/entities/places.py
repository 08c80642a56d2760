"""Where an entity belongs, and so on which phones it is: by its own properties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from server.queries import units, villages
from server.queries.entities import Place

_VILLAGE, _COMMUNE = "village_code", "commune_code"


def place_of(
    data: Mapping[str, str], received: Mapping[str, str], *, before: Place | None, sent_from: Place
) -> Place:
    """What the properties say, in the edition in which they were written down.

    Where they say nothing, it is where it was before, and first where its slip was reported from.
    """
    village, commune = data.get(_VILLAGE), data.get(_COMMUNE)
    if not village and not commune:
        return before or sent_from
    if before is not None and _VILLAGE not in received and _COMMUNE not in received:
        return before
    if commune:
        return Place(_short(village, 32), sent_from.edition, _short(commune, 16))
    return Place(_short(village, 32), sent_from.edition, sent_from.commune_code)


class TodaysPlaces:
    """Where entities belong whose properties are written down on a day, without a slip."""

    def __init__(self, on: date) -> None:
        edition = units.find_edition(on)
        self._edition = edition.id if edition else None
        self._communes: dict[str, str | None] = {}

    def find(
        self, data: Mapping[str, str], received: Mapping[str, str], *, before: Place | None = None
    ) -> Place:
        """A village without a commune is in the one that has it today."""
        today = Place(None, self._edition, self._commune_of(data.get(_VILLAGE, "")))
        return place_of(data, received, before=before, sent_from=today)

    def _commune_of(self, village: str) -> str | None:
        if village and village not in self._communes:
            known = villages.list_communes_of_village(village)
            self._communes[village] = known.get(self._edition or "")
        return self._communes.get(village)


def _short(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
