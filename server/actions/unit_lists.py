"""The lists of units that forms read on a phone: communes.csv and villages.csv of an app user.

They take the place of what the designer attached under these names, once the server knows the
villages of the app user's units, so that a phone offers its own villages and no others.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

from forms.sorting import vietnamese_key
from server.models import Unit, UnitLevel
from server.queries import assignments, units, villages
from server.queries.atlas import open_atlas, reach
from server.queries.catalogues import remembered
from server.queries.units import UnitRow
from server.queries.villages import VillageRow

COMMUNES, VILLAGES = "communes.csv", "villages.csv"

_COMMUNE_COLUMNS = ("name", "label", "edition")
_VILLAGE_COLUMNS = ("name", "label", "commune_code", "legacy_commune_code")
_COLUMNS = {COMMUNES: _COMMUNE_COLUMNS, VILLAGES: _VILLAGE_COLUMNS}
_TYPE = re.compile(r"^(Xã|Phường|Thị trấn|Đặc khu) ")


@dataclass(frozen=True, slots=True)
class UnitLists:
    """The communes and villages of one app user in the edition in force."""

    communes: Sequence[UnitRow]
    villages: Sequence[VillageRow]


@dataclass(frozen=True, slots=True)
class MadeList:
    """The bytes of a list that the server makes, and their hash for the manifest."""

    content: bytes
    md5: str


def make_unit_lists(actor_id: int, on: date) -> Mapping[str, MadeList]:
    """The app user's lists by name; none where the server has no villages for it."""
    lists = find_unit_lists(actor_id, on)
    if lists is None:
        return {}
    contents = {COMMUNES: communes_csv(lists.communes), VILLAGES: villages_csv(lists.villages)}
    return {
        name: MadeList(content, hashlib.md5(content, usedforsecurity=False).hexdigest())
        for name, content in contents.items()
    }


remembered_unit_lists = remembered(make_unit_lists, size=512)


def can_replace(name: str, attached: bytes) -> bool:
    """Whether ours has every column of the list that the form was made with."""
    head = attached.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip()
    return name in _COLUMNS and set(next(csv.reader([head]), [])) <= set(_COLUMNS[name])


def find_unit_lists(actor_id: int, on: date) -> UnitLists | None:
    """None where the server has no villages for the app user: uploaded lists are better then."""
    edition = units.find_edition(on)
    if edition is None:
        return None
    own = assignments.list_units(actor_id)
    wanted = _communes_in_force(own, edition.id)
    named = {unit.code for unit in own if unit.level is UnitLevel.VILLAGE}
    listed = villages.list_villages(edition.id, wanted | _communes_of(named, edition.id))
    listed = [v for v in listed if v.commune_code in wanted or v.code in named]
    if not listed:
        return None
    seen = wanted | {v.commune_code for v in listed}
    rows = units.list_in_edition(edition.id)
    return UnitLists([rows[code] for code in sorted(seen)], listed)


def list_all_units(edition: str) -> dict[str, list[dict[str, str]]]:
    """The rows of both lists for all communes of an edition; none where it has no villages."""
    if not villages.has_villages(edition):
        return {}
    rows = units.list_in_edition(edition).values()
    communes = [unit for unit in rows if unit.level is UnitLevel.COMMUNE]
    listed = villages.list_villages(edition, {unit.code for unit in communes})
    return {
        COMMUNES: [
            dict(zip(_COMMUNE_COLUMNS, (unit.code, unit.name, unit.edition), strict=True))
            for unit in communes
        ],
        VILLAGES: [dict(zip(_VILLAGE_COLUMNS, _village_row(v), strict=True)) for v in listed],
    }


def communes_csv(communes: Iterable[UnitRow]) -> bytes:
    """In the order of their codes, as administrative lists are."""
    rows = sorted((unit.code, unit.name, unit.edition) for unit in communes)
    return _csv(_COMMUNE_COLUMNS, rows)


def villages_csv(listed: Iterable[VillageRow]) -> bytes:
    """By commune, then as Vietnamese sorts; the label says the old commune, which people know."""
    ordered = sorted(listed, key=lambda v: (v.commune_code, vietnamese_key(label(v)), v.code))
    return _csv(_VILLAGE_COLUMNS, map(_village_row, ordered))


def _village_row(village: VillageRow) -> tuple[str, str, str, str]:
    legacy = village.legacy_commune_code or ""
    return village.code, label(village), village.commune_code, legacy


def label(village: VillageRow) -> str:
    """`Thôn 1 (cũ: Quỳnh Hải)`."""
    if not village.legacy_name:
        return village.name
    return f"{village.name} (cũ: {_TYPE.sub('', village.legacy_name)})"


def _communes_in_force(own: Iterable[Unit], edition: str) -> set[str]:
    """Communes under the units, or under what became of them."""
    atlas = open_atlas()
    found: set[str] = set()
    for unit in own:
        for commune in units.list_communes_of(unit):
            found |= reach(atlas, (commune.edition, commune.code), edition).codes
    return found


def _communes_of(village_codes: Iterable[str], edition: str) -> set[str]:
    known = (villages.list_communes_of_village(code) for code in village_codes)
    return {communes[edition] for communes in known if edition in communes}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
