"""Which commune, in another edition, a commune or a village is; told exactly or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from server.queries import lineages, villages
from server.queries.lineages import Place

Step = Callable[[Collection[Place]], Mapping[Place, set[Place]]]


@dataclass(frozen=True, slots=True)
class Atlas:
    """The editions in order of time, and what leads from place to place between them."""

    ranks: Mapping[str, int]
    successors: Step
    predecessors: Step
    communes: Step


@dataclass(frozen=True, slots=True)
class Reach:
    """The communes in which what was in a place may be; `is_complete` if it is nowhere else."""

    codes: frozenset[str]
    is_complete: bool = True

    @property
    def only(self) -> str | None:
        return next(iter(self.codes)) if self.is_complete and len(self.codes) == 1 else None


@dataclass(frozen=True, slots=True)
class Answer:
    """The commune in an edition; None is undecided, and then `candidates` are what it may be."""

    commune_code: str | None
    candidates: frozenset[str] = frozenset()


NOWHERE = Reach(frozenset(), is_complete=False)


def open_atlas() -> Atlas:
    """The atlas of this installation, as of this transaction."""
    return Atlas(
        lineages.rank_editions(),
        lineages.find_successors,
        lineages.find_predecessors,
        lineages.find_communes,
    )


def reach(atlas: Atlas, place: Place, edition: str) -> Reach:
    """Follow the successions from a place to an edition, forwards or backwards in time."""
    if place[0] not in atlas.ranks or edition not in atlas.ranks:
        return NOWHERE
    is_forwards = atlas.ranks[place[0]] <= atlas.ranks[edition]
    step = atlas.successors if is_forwards else atlas.predecessors
    sign = 1 if is_forwards else -1
    limit = sign * atlas.ranks[edition]
    found: set[str] = set()
    is_complete = True
    seen: set[Place] = set()
    ahead = _communes(atlas, {place})
    while ahead:
        seen |= ahead
        found |= {code for at, code in ahead if at == edition}
        open_ = {at for at in ahead if at[0] != edition}
        onward = step(open_) if open_ else {}
        is_complete = is_complete and all(onward.get(at) for at in open_)
        targets = set().union(*onward.values()) if onward else set()
        within = {at for at in targets if sign * atlas.ranks[at[0]] <= limit}
        is_complete = is_complete and within == targets
        ahead = _communes(atlas, within) - seen
    return Reach(frozenset(found), is_complete and bool(found))


def commune_in(
    atlas: Atlas,
    edition: str,
    *,
    reported: Place | None,
    village: Mapping[str, str] | None = None,
) -> Answer:
    """The commune of what was reported from a commune, in an edition.

    `village` gives the commune of its village in every edition that lists it. It decides where the
    commune alone does not: where a unit was split, and backwards over a merger. A village that
    contradicts the commune decides nothing.
    """
    by_commune = reach(atlas, reported, edition) if reported else NOWHERE
    if by_commune.only is not None:
        return Answer(by_commune.only, by_commune.codes)
    by_village = reach_village(atlas, village or {}, edition)
    only = by_village.only
    if only is not None and (only in by_commune.codes or not by_commune.codes):
        return Answer(only, by_commune.codes)
    both = by_commune.codes & by_village.codes if by_village.codes else by_commune.codes
    return Answer(None, both or by_commune.codes)


def reach_village(atlas: Atlas, communes: Mapping[str, str], edition: str) -> Reach:
    """Where a village is in an edition, from the editions nearest to it that list the village."""
    rank = atlas.ranks.get(edition)
    known = sorted((atlas.ranks[e], e) for e in communes if e in atlas.ranks)
    if rank is None or not known:
        return NOWHERE
    before = [e for at, e in known if at <= rank][-1:]
    after = [e for at, e in known if at > rank][:1]
    ways = [reach(atlas, (e, communes[e]), edition) for e in before + after]
    decided = {way.only for way in ways if way.only is not None}
    if len(decided) == 1:
        return Reach(frozenset(decided))
    shared = frozenset.intersection(*(way.codes for way in ways))
    return Reach(shared, len(shared) == 1 and all(way.is_complete for way in ways))


def find_commune_in(
    edition: str, *, village_code: str | None, reported_edition: str | None, code: str | None
) -> Answer:
    """The same of a submission: its village, and its edition and commune as reported."""
    known = villages.list_communes_of_village(village_code) if village_code else {}
    reported = (reported_edition, code) if reported_edition and code else None
    return commune_in(open_atlas(), edition, reported=reported, village=known)


def _communes(atlas: Atlas, places: set[Place]) -> set[Place]:
    """A district on the way means: somewhere in it."""
    return set().union(*atlas.communes(places).values()) if places else set()
