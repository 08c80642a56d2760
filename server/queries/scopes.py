"""Which submissions somebody may see: the gate decides it, every query of submissions asks it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    false,
    or_,
    select,
    true,
    tuple_,
)

from server.db import db, fetch
from server.models import DueItem, Entity, EntityMark, Submission
from server.queries.lineages import Place


@dataclass(frozen=True, slots=True)
class Scope:
    """Submissions that were reported from some places; nothing else is inside.

    `communes` are inside whole; of `split` ones only what some of the `villages_of_split` sent.
    `villages` are inside as what they have been reported: (code, edition, commune). What cannot be
    placed is where its sender worked.
    """

    everything: bool = False
    communes: frozenset[Place] = frozenset()
    split: frozenset[Place] = frozenset()
    villages_of_split: frozenset[str] = frozenset()
    villages: frozenset[tuple[str, str, str]] = frozenset()
    submissions: frozenset[int] = frozenset()

    def holds(self, village: str | None, edition: str, commune: str) -> bool:
        """True if what was reported from there is inside."""
        return (
            self.everything
            or self.holds_commune(village, edition, commune)
            or (village, edition, commune) in self.villages
        )

    def holds_commune(self, village: str | None, edition: str, commune: str) -> bool:
        """True if it is inside by its commune: that is whole, or this village's share of it is."""
        place = (edition, commune)
        return place in self.communes or (place in self.split and village in self.villages_of_split)

    def may_hold(self, place: Place) -> bool:
        """False only if nothing that was reported from that commune is inside."""
        return (
            self.everything
            or bool(self.submissions)
            or place in self.communes | self.split
            or any(place == (edition, commune) for _, edition, commune in self.villages)
        )

    def covers(self, other: Scope) -> bool:
        """True only if nothing can be inside the other that is not inside this one.

        What cannot be told without looking at submissions is no.
        """
        if self.everything or other.everything:
            return self.everything
        has_villages = other.villages_of_split <= self.villages_of_split
        return (
            other.communes <= self.communes
            and other.split <= self.communes | (self.split if has_villages else set())
            and self._covers_villages(other.villages)
            and other.submissions <= self.submissions
        )

    def _covers_villages(self, villages: frozenset[tuple[str, str, str]]) -> bool:
        """What names a village and has no commune is only where that village is named."""
        named = {code for code, _, _ in self.villages}
        return all(v[0] in named and self.holds(*v) for v in villages)

    def to_json(self) -> dict[str, Any]:
        return {
            "everything": self.everything,
            **{name: sorted(getattr(self, name)) for name in _PARTS},
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Scope:
        """What `to_json` made, as it comes out of a database."""
        parts: dict[str, frozenset[Any]] = {
            name: frozenset(tuple(v) if isinstance(v, list) else v for v in kept[name])
            for name in _PARTS
        }
        return cls(everything=kept["everything"], **parts)


_PARTS = tuple(field.name for field in fields(Scope) if field.name != "everything")

Placed = Submission | Entity | EntityMark | DueItem
EVERYTHING = Scope(everything=True)
NOTHING = Scope()


def joined(scopes: Iterable[Scope]) -> Scope:
    """What is inside any of them."""
    whole = NOTHING
    for scope in scopes:
        if scope.everything:
            return EVERYTHING
        parts = {name: getattr(whole, name) | getattr(scope, name) for name in _PARTS}
        whole = Scope(**parts)
    return whole


def within(scope: Scope) -> ColumnElement[bool]:
    """The condition on submissions."""
    if scope.everything:
        return true()
    by_village = Submission.village_code.in_(sorted(scope.villages_of_split))
    conditions = [
        _reported_by(scope.communes),
        and_(_reported_by(scope.split), by_village) if scope.split else false(),
        _from_villages(scope.villages) if scope.villages else false(),
        Submission.id.in_(sorted(scope.submissions)) if scope.submissions else false(),
    ]
    if scope.communes:
        conditions.append(_sent_from(scope.communes))
    return or_(*conditions)


def placed_within(scope: Scope, model: type[Placed]) -> ColumnElement[bool]:
    """The condition on other rows that say where they belong.

    What is common to all alternatives stands before them: by that SQLite finds an index.
    """
    if scope.everything:
        return true()
    parts = []
    if scope.communes:
        parts.append(_in_communes(scope.communes, model))
    if scope.split:
        by_village = model.village_code.in_(sorted(scope.villages_of_split))
        parts.append(and_(_in_communes(scope.split, model), by_village))
    places = {*scope.communes, *scope.split}
    for place, codes in _by_commune(scope.villages).items():
        parts.append(and_(_in_communes([place], model), model.village_code.in_(codes)))
        places.add(place)
    if not parts:
        return false()
    editions, communes = ({place[at] for place in places} for at in (0, 1))
    common = [model.edition.in_(sorted(editions)), model.commune_code.in_(sorted(communes))]
    if not scope.communes and not scope.split:
        common.append(model.village_code.in_(sorted({code for code, _, _ in scope.villages})))
    return and_(*common, or_(*parts))


class PlacedRows:
    """Rows that say where they belong: read by what an index finds, told apart by the scope.

    The statements are built once; the query must have the columns village_code, edition and
    commune_code.
    """

    def __init__(self, query: Select[*tuple[Any, ...]], model: type[Placed]) -> None:
        self._all = query
        self._of_villages = query.where(
            model.village_code.in_(bindparam("villages", expanding=True))
        )
        self._of_communes = query.where(
            model.edition.in_(bindparam("editions", expanding=True)),
            model.commune_code.in_(bindparam("communes", expanding=True)),
        )

    def fetch(self, scope: Scope, **parameters: object) -> list[Any]:
        """Those inside, each once, in no order."""
        if scope.everything:
            return list(fetch(self._all, parameters))
        found: list[Any] = []
        places = scope.communes | scope.split
        if places:
            editions, communes = ({place[at] for place in places} for at in (0, 1))
            wanted = {"editions": sorted(editions), "communes": sorted(communes)}
            rows = fetch(self._of_communes, {**parameters, **wanted})
            found += [row for row in rows if scope.holds_commune(*_place(row))]
        if scope.villages:
            wanted = {"villages": sorted({code for code, _, _ in scope.villages})}
            rows = fetch(self._of_villages, {**parameters, **wanted})
            found += [
                row
                for row in rows
                if _place(row) in scope.villages and not scope.holds_commune(*_place(row))
            ]
        return found


def _place(row: Any) -> tuple[str, str, str]:
    return row.village_code, row.edition, row.commune_code


def _by_commune(villages: Collection[tuple[str, str, str]]) -> dict[Place, list[str]]:
    found: dict[Place, list[str]] = {}
    for village, edition, commune in sorted(villages):
        found.setdefault((edition, commune), []).append(village)
    return found


def is_within(submission_id: int, scope: Scope) -> bool:
    query = select(Submission.id).where(Submission.id == submission_id, within(scope))
    return db.session.scalar(query) is not None


def _reported_by(places: Collection[Place]) -> ColumnElement[bool]:
    return _in_communes(places, Submission)


def _in_communes(places: Collection[Place], model: type[Placed]) -> ColumnElement[bool]:
    """Codes are reused: each counts in its edition only."""
    codes: dict[str, list[str]] = {}
    for edition, code in sorted(places):
        codes.setdefault(edition, []).append(code)
    parts = [
        and_(model.edition == edition, model.commune_code.in_(listed))
        for edition, listed in codes.items()
    ]
    return or_(*parts) if parts else false()


def _sent_from(communes: Collection[Place]) -> ColumnElement[bool]:
    sender = tuple_(Submission.sender_edition, Submission.sender_commune_code)
    return and_(Submission.commune_code.is_(None), sender.in_(sorted(communes)))


def _from_villages(villages: Collection[tuple[str, str, str]]) -> ColumnElement[bool]:
    """A village that contradicts the commune proves nothing."""
    place = tuple_(Submission.village_code, Submission.edition, Submission.commune_code)
    codes = sorted({code for code, _, _ in villages})
    unplaced = and_(Submission.commune_code.is_(None), Submission.village_code.in_(codes))
    return or_(place.in_(sorted(villages)), unplaced)
