"""From the units that somebody is assigned to, to the rows: rights follow a merger on its date.

A unit that went wholly into another becomes that one. A commune that was divided gives no right to
any of its heirs: what it was stays, its own reports and those of its villages. A unit that ended
without an heir, as the district did, gives nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from server.models import Extent, Unit, UnitLevel
from server.queries import lineages, units, villages
from server.queries.atlas import Atlas, Step, open_atlas, reach
from server.queries.lineages import Place
from server.queries.scopes import NOTHING, Scope, joined


def find_scope(places: Collection[Place], on: date) -> Scope:
    """The submissions that belong to units, as of a day."""
    edition = units.find_edition(on)
    if edition is None:
        return NOTHING
    followed = [unit for place in sorted(places) if (unit := find_heir(place, on)) is not None]
    current = {
        commune.code
        for unit in followed
        if unit.edition == edition.id and unit.level is not UnitLevel.VILLAGE
        for commune in units.list_communes_of(unit)
    }
    scopes = [_of_communes(current, edition.id)] if current else []
    for unit in followed:
        if unit.level is UnitLevel.VILLAGE:
            scopes.append(Scope(villages=_places_of({unit.code})))
        elif unit.level is UnitLevel.COMMUNE and unit.edition != edition.id:
            scopes.append(_of_divided(unit))
    return joined(scopes)


def find_heir(place: Place, on: date) -> Unit | None:
    """The unit itself, or what it has wholly become by a day; where it was divided, the last that
    it was. None where there is no such unit.
    """
    unit = units.find_unit(*place)
    while unit is not None and unit.level is not UnitLevel.VILLAGE:
        steps = [s for s in lineages.list_successions((unit.edition, unit.code)) if s.date <= on]
        if len(steps) != 1 or steps[0].extent is not Extent.WHOLE:
            break
        heir = units.find_unit(steps[0].to_edition, steps[0].to_code)
        if heir is None or heir.level is not unit.level:
            break
        unit = heir
    return unit


def _of_divided(commune: Unit) -> Scope:
    below = units.list_under(commune.edition, commune.code)
    return Scope(
        communes=frozenset({(commune.edition, commune.code)}),
        villages=_places_of({row.code for row in below if row.level is UnitLevel.VILLAGE}),
    )


def _places_of(codes: Collection[str]) -> frozenset[tuple[str, str, str]]:
    """Every commune that a village has been in: (village, edition, commune)."""
    return frozenset(
        (code, edition, commune)
        for code in codes
        for edition, commune in villages.list_communes_of_village(code).items()
    )


def _of_communes(codes: Collection[str], edition: str) -> Scope:
    """Communes in force, and what they were made of: whole, or by the villages that they have."""
    atlas = _remembering(open_atlas())
    home = {(edition, code) for code in codes}
    origins = _origins(atlas, home)
    inside, split = set(home), set()
    for place in origins:
        became = reach(atlas, place, edition)
        if became.is_complete and became.codes <= set(codes):
            inside.add(place)
        else:
            split.add(place)
    of_split = villages.list_codes_in(edition, codes) if split else set()
    return Scope(
        communes=frozenset(inside), split=frozenset(split), villages_of_split=frozenset(of_split)
    )


def _origins(atlas: Atlas, home: Collection[Place]) -> set[Place]:
    """Every commune of older editions of which something may be in these; the way forward from
    them is read for all at once.
    """
    found: set[Place] = set()
    ahead = set(home)
    while ahead:
        ahead = _union(atlas.predecessors(ahead)) - found - set(home)
        found |= ahead
    ahead, seen = set(found), set()
    while ahead:
        seen |= ahead
        atlas.communes(ahead)
        ahead = _union(atlas.successors(ahead)) - seen
    return found


def _remembering(atlas: Atlas) -> Atlas:
    return Atlas(
        atlas.ranks,
        _asked_once(atlas.successors),
        _asked_once(atlas.predecessors),
        _asked_once(atlas.communes),
    )


def _asked_once(step: Step) -> Step:
    known: dict[Place, set[Place]] = {}

    def ask(places: Collection[Place]) -> Mapping[Place, set[Place]]:
        new = [place for place in places if place not in known]
        if new:
            found = step(new)
            known.update({place: set(found.get(place, ())) for place in new})
        return {place: known[place] for place in places if known[place]}

    return ask


def _union(found: Mapping[Place, set[Place]]) -> set[Place]:
    return set().union(*found.values()) if found else set()
