"""What a list of editions, units or successions must keep to; rows out, or a clear refusal."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from server.actions.unit_files import Row
from server.models import Edition, Extent, UnitLevel
from server.queries import lineages, units

_CODE = re.compile(r"[0-9A-Za-z-]{1,16}")
_EDITION = re.compile(r"[0-9A-Za-z-]{1,32}")
_ISO = "YYYY-MM-DD"
_ORDER = [UnitLevel.PROVINCE, UnitLevel.DISTRICT, UnitLevel.COMMUNE]
_LONGEST = 255


def check_editions(rows: Sequence[Row], known: Sequence[Edition]) -> list[dict[str, Any]]:
    """Editions follow each other without overlap; a new one ends the one that was open."""
    all_: dict[str, dict[str, Any]] = {
        e.id: {
            "id": e.id,
            "valid_from": e.valid_from,
            "valid_to": e.valid_to,
            "legal_basis": e.legal_basis,
        }
        for e in known
    }
    place: dict[str, Row] = {}
    for row in rows:
        id_ = _matching(row, "edition", _EDITION)
        if id_ in place:
            raise row.refuse("unit_twice", code=id_)
        place[id_] = row
        all_[id_] = {
            "id": id_,
            "valid_from": _day(row, "valid_from"),
            "valid_to": _day(row, "valid_to") if row["valid_to"] else None,
            "legal_basis": _filled(row, "legal_basis"),
        }
    ordered = sorted(all_.values(), key=lambda edition: edition["valid_from"])
    for earlier, later in pairwise(ordered):
        _follow(earlier, later, place)
    for id_, row in place.items():
        last = all_[id_]["valid_to"]
        if last is not None and last < all_[id_]["valid_from"]:
            raise row.refuse("unit_value", column="valid_to", value=last, allowed="valid_from ≤")
    return ordered


def _follow(earlier: dict[str, Any], later: dict[str, Any], place: Mapping[str, Row]) -> None:
    begins = later["valid_from"]
    if earlier["valid_to"] is None and earlier["valid_from"] < begins:
        earlier["valid_to"] = begins - timedelta(days=1)
    if earlier["valid_to"] is None or earlier["valid_to"] >= begins:
        row = place.get(later["id"]) or place[earlier["id"]]
        raise row.refuse("unit_overlap", edition=later["id"], other=earlier["id"])


def check_filled(rows: Sequence[Row]) -> None:
    """An edition in force without units would leave every submission without a commune."""
    for row in rows:
        if not units.list_in_edition(row["edition"]):
            raise row.refuse("unit_empty", edition=row["edition"])


def check_units(rows: Sequence[Row], editions: Collection[str]) -> list[dict[str, Any]]:
    """Every unit but a province lies in one of a higher level of its edition."""
    levels = {
        (edition, unit.code): unit.level
        for edition in editions
        for unit in units.list_in_edition(edition).values()
    }
    known = set(lineages.rank_editions())
    seen: set[tuple[str, str]] = set()
    taken = []
    for row in rows:
        if row["edition"] not in known:
            raise row.refuse("unit_edition", edition=row["edition"])
        place = (row["edition"], _matching(row, "code", _CODE))
        if place in seen:
            raise row.refuse("unit_twice", code=row["code"])
        seen.add(place)
        levels[place] = _level(row)
        taken.append(
            {
                "edition": row["edition"],
                "code": row["code"],
                "level": levels[place],
                "name": _filled(row, "name"),
                "parent_code": row["parent_code"] or None,
            }
        )
    for row in rows:
        _check_parent(row, levels)
    return taken


def _check_parent(row: Row, levels: Mapping[tuple[str, str], UnitLevel]) -> None:
    edition, code, parent = row["edition"], row["code"], row["parent_code"]
    own = levels[edition, code]
    if not parent:
        if own is not UnitLevel.PROVINCE:
            raise row.refuse("unit_unknown", code=parent, edition=edition)
        return
    if parent == code:
        raise row.refuse("unit_cycle", code=code)
    above = levels.get((edition, parent))
    if above is None:
        raise row.refuse("unit_unknown", code=parent, edition=edition)
    higher = _ORDER[: _ORDER.index(own)]
    if above not in higher:
        raise row.refuse(
            "unit_level",
            code=parent,
            level=above.value,
            edition=edition,
            expected=", ".join(higher) or "–",
        )


def check_successions(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Both ends exist and time goes forward, so that no chain comes back to where it was."""
    ranks = lineages.rank_editions()
    wanted = {edition for row in rows for edition in (row["from_edition"], row["to_edition"])}
    codes = {edition: set(units.list_in_edition(edition)) for edition in wanted & set(ranks)}
    ends: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    taken = []
    for row in rows:
        for side in ("from", "to"):
            edition, code = row[f"{side}_edition"], row[f"{side}_code"]
            if edition not in codes:
                raise row.refuse("unit_edition", edition=edition)
            if code not in codes[edition]:
                raise row.refuse("unit_unknown", code=code, edition=edition)
        if ranks[row["from_edition"]] >= ranks[row["to_edition"]]:
            raise row.refuse("unit_cycle", code=row["from_code"])
        extent = _extent(row)
        _check_extent(row, extent, ends)
        taken.append({**row.cells, "date": _day(row, "date"), "extent": extent})
    return taken


def _check_extent(
    row: Row, extent: Extent, ends: dict[tuple[str, str, str], set[tuple[str, str]]]
) -> None:
    known = ends.setdefault((row["from_edition"], row["from_code"], row["to_edition"]), set())
    if any(to == row["to_code"] for to, _ in known):
        raise row.refuse("unit_twice", code=row["from_code"])
    known.add((row["to_code"], extent.value))
    if len(known) > 1 and any(held == Extent.WHOLE.value for _, held in known):
        raise row.refuse("unit_whole", code=row["from_code"])


def _level(row: Row) -> UnitLevel:
    found = next((level for level in _ORDER if level.value == row["level"]), None)
    if found is None:
        raise row.refuse(
            "unit_value", column="level", value=row["level"], allowed=", ".join(_ORDER)
        )
    return found


def _extent(row: Row) -> Extent:
    found = next((extent for extent in Extent if extent.value == row["extent"]), None)
    if found is None:
        raise row.refuse(
            "unit_value", column="extent", value=row["extent"], allowed=", ".join(Extent)
        )
    return found


def _day(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError as error:
        raise row.refuse("unit_value", column=column, value=row[column], allowed=_ISO) from error


def _filled(row: Row, column: str) -> str:
    value = row[column]
    if not 0 < len(value) <= _LONGEST:
        raise row.refuse("unit_value", column=column, value=value, allowed=f"1–{_LONGEST}")
    return value


def _matching(row: Row, column: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(row[column]):
        raise row.refuse("unit_value", column=column, value=row[column], allowed="0–9 A–Z a–z -")
    return row[column]
