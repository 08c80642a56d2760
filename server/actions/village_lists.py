"""Villages as their commune lists them, and where they go when communes merge."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from server.actions.unit_files import Row
from server.models import Edition, Unit, UnitLevel, Village
from server.queries import units, villages
from server.queries.atlas import Atlas, open_atlas, reach
from server.queries.unit_tables import Changed, bring
from server.queries.units import UnitRow

_CODE = re.compile(r"[A-Za-z][0-9A-Za-z-]{1,15}")
_LONGEST = 255


def add_villages(rows: Sequence[Row], on: date) -> Changed:
    """Take a list of villages, of the edition in force on a day.

    A code is one village's for ever: what was listed elsewhere must have become the commune that
    the list names now. Raises UnitFileRefused.
    """
    now, before = _editions(on)
    names = units.list_in_edition(now)
    old_names = units.list_in_edition(before) if before else {}
    known = villages.list_all_villages()
    atlas = open_atlas()
    seen: set[str] = set()
    taken = []
    for row in rows:
        if row["code"] in seen:
            raise row.refuse("unit_twice", code=row["code"])
        seen.add(row["code"])
        _check_village(row)
        _check_commune(row, row["commune_code"], now, names)
        legacy = row["legacy_commune_code"] or None
        if legacy is not None:
            _check_commune(row, legacy, before or now, old_names)
            _check_became(row, atlas, (before or now, legacy), now)
        held = known.get(row["code"])
        if held is not None and held.edition != now:
            _check_became(row, atlas, (held.edition, held.commune_code), now)
        taken.append(_village(row, now, before if legacy else None))
    changed = bring(Village, taken)
    _place(taken)
    return changed


def carry_villages(editions: Sequence[str]) -> None:
    """Take villages along into new editions wherever their commune went wholly into one.

    Where it was split, the new commune's own list says where they are.
    """
    atlas = open_atlas()
    for edition in editions:
        moved = []
        for village in villages.list_all_villages().values():
            if atlas.ranks[village.edition] >= atlas.ranks[edition]:
                continue
            to = reach(atlas, (village.edition, village.commune_code), edition).only
            if to is not None:
                moved.append(
                    {
                        "code": village.code,
                        "name": village.name,
                        "edition": edition,
                        "commune_code": to,
                        "legacy_edition": village.edition,
                        "legacy_commune_code": village.commune_code,
                    }
                )
        bring(Village, moved)
        _place(moved)


def _editions(on: date) -> tuple[str, str | None]:
    ordered: Sequence[Edition] = units.list_editions()
    begun = [edition for edition in ordered if edition.valid_from <= on]
    current = begun[-1] if begun else ordered[0]
    return current.id, begun[-2].id if len(begun) > 1 else None


def _village(row: Row, edition: str, legacy_edition: str | None) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": row["name"],
        "edition": edition,
        "commune_code": row["commune_code"],
        "legacy_edition": legacy_edition,
        "legacy_commune_code": row["legacy_commune_code"] or None,
    }


def _place(taken: Sequence[Mapping[str, Any]]) -> None:
    """The village as a unit of every edition in which its commune is told."""
    rows = [
        {
            "edition": edition,
            "code": village["code"],
            "level": UnitLevel.VILLAGE,
            "name": village["name"],
            "parent_code": commune,
        }
        for village in taken
        for edition, commune in (
            (village["legacy_edition"], village["legacy_commune_code"]),
            (village["edition"], village["commune_code"]),
        )
        if edition and commune
    ]
    bring(Unit, rows)


def _check_village(row: Row) -> None:
    if not _CODE.fullmatch(row["code"]):
        raise row.refuse("unit_value", column="code", value=row["code"], allowed="V000001")
    if not 0 < len(row["name"]) <= _LONGEST:
        raise row.refuse("unit_value", column="name", value=row["name"], allowed=f"1–{_LONGEST}")


def _check_commune(row: Row, code: str, edition: str, known: Mapping[str, UnitRow]) -> None:
    unit = known.get(code)
    if unit is None:
        raise row.refuse("unit_unknown", code=code, edition=edition)
    if unit.level is not UnitLevel.COMMUNE:
        expected = UnitLevel.COMMUNE.value
        raise row.refuse(
            "unit_level", code=code, level=unit.level.value, edition=edition, expected=expected
        )


def _check_became(row: Row, atlas: Atlas, before: tuple[str, str], now: str) -> None:
    if row["commune_code"] not in reach(atlas, before, now).codes:
        commune = row["commune_code"]
        raise row.refuse("unit_village", code=row["code"], commune=commune, before=before[1])
