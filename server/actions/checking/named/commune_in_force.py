"""V01: the commune is one of the edition in force, and the village lies in it (domain.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from forms.checking import Finding
from server.actions.checking.asked import Asked
from server.actions.checking.named.kinds import Named, found
from server.queries import units, villages
from server.queries.catalogues import remembered


def find(asked: Asked) -> Iterator[Finding]:
    """At the question of the commune; `village` names that of the village."""
    for node in asked.nodes:
        edition, is_known = _locate(asked.about.catalogue, asked.filled_on, node.text)
        if edition is None:
            continue
        if not is_known:
            yield found(asked.declared, node.path, node.text, edition=edition)
            continue
        village = asked.answer(asked.parameter("village"), node)
        if village and not _lies_in(asked.about.catalogue, village, edition, node.text):
            yield found(asked.declared, node.path, node.text, edition=edition, village=village)


def lies_in(village: str, edition: str, commune: str) -> bool:
    """Also where the server does not know what villages the commune has."""
    communes = villages.list_communes_of_village(village)
    if edition in communes:
        return communes[edition] == commune
    return not villages.list_codes_in(edition, {commune})


def _located(on: date, code: str) -> tuple[str | None, bool]:
    return units.locate_commune(on, code)


_locate = remembered(_located)
_lies_in = remembered(lies_in)
CHECK = Named(find=find)
