"""Where an entity belongs, and so on which phones it is: by its own properties."""

from __future__ import annotations

from collections.abc import Mapping

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


def _short(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
