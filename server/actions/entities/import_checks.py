"""What the file of an import is refused for, line by line, and what is only told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from forms.entities import is_uuid4
from server.actions.entities.groups_2004 import Unmapped
from server.actions.entities.import_files import LABEL, Reading, Row, opened, refused
from server.actions.entities.limits import MAX_LABEL, MAX_VALUE
from server.actions.entities.places import COMMUNE, TodaysPlaces, has_places
from server.errors import NotAllowed
from server.queries.datasets import DatasetFacts
from server.queries.entities import Place
from server.queries.scopes import Scope


class Odd(StrEnum):
    """What is written as it stands, though it can hardly be so."""

    VILLAGE = "village_elsewhere"


@dataclass(frozen=True, slots=True)
class Warned:
    """A group that a line names and that was not taken over, or what is odd in it."""

    line: int
    why: Unmapped | Odd
    text: str


def check_file(
    path: Path, facts: DatasetFacts, reading: Reading, places: TodaysPlaces, scope: Scope
) -> list[Warned]:
    """Raise EntityFileRefused, or NotAllowed for a row of a place outside the scope."""
    seen: dict[str, int] = {}
    warnings: list[Warned] = []
    with opened(path, facts, reading) as rows:
        for row in rows:
            _check_row(row, seen, path)
            place = places.find(row.data, row.data)
            if has_places(facts):
                _check_place(row, place, path)
            if not scope.holds(place.village_code, place.edition or "", place.commune_code or ""):
                raise NotAllowed
            warnings += _warn(row, place, places)
    return warnings


def _check_row(row: Row, seen: dict[str, int], path: Path) -> None:
    if not is_uuid4(row.uuid):
        raise refused(path, "entity_name", line=row.line, value=row.uuid[:60])
    if not row.label:
        raise refused(path, "entity_label", line=row.line)
    _check_lengths(row, path)
    first = seen.setdefault(row.uuid, row.line)
    if first != row.line:
        subject = "entity_twice" if row.is_named else "entity_same"
        raise refused(path, subject, line=row.line, value=row.uuid, first=first)


def _check_lengths(row: Row, path: Path) -> None:
    if len(row.label) > MAX_LABEL:
        raise refused(path, "entity_long", line=row.line, column=LABEL, limit=MAX_LABEL)
    for name, value in row.data.items():
        if len(value) > MAX_VALUE:
            raise refused(path, "entity_long", line=row.line, column=name, limit=MAX_VALUE)


def _check_place(row: Row, place: Place, path: Path) -> None:
    """What belongs nowhere would be on nobody's phone."""
    commune = row.data.get(COMMUNE, "")
    if commune and commune != place.commune_code:
        raise refused(path, "entity_commune", line=row.line, commune=commune[:60])
    if place.village_code and not place.commune_code:
        raise refused(path, "entity_village", line=row.line, village=place.village_code)
    if not place.commune_code:
        raise refused(path, "entity_nowhere", line=row.line)


def _warn(row: Row, place: Place, places: TodaysPlaces) -> list[Warned]:
    warned = [Warned(row.line, left.why, left.text) for left in row.left]
    own = places.commune_of(place.village_code or "")
    if own is not None and own != place.commune_code:
        warned.append(Warned(row.line, Odd.VILLAGE, place.village_code or ""))
    return warned
