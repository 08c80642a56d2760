"""The shipped lists of units: the numbers of domain.md §5.2 and the mapping of its appendices."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter, defaultdict

import pytest

from server.actions.unit_loading import SHIPPED

SPLIT = {"11989": {"11992", "11995"}, "12004": {"11995", "12004"}, "12322": {"11983", "12322"}}


def rows(name: str) -> list[dict[str, str]]:
    with (SHIPPED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


UNITS = {(row["edition"], row["code"]): row for row in rows("units")}
SUCCESSIONS = rows("successions")


def communes(edition: str, province: str | None = None) -> dict[str, str]:
    """Code and name of the communes of an edition, or of one of its provinces."""
    found = {}
    for (e, code), row in UNITS.items():
        if e == edition and row["level"] == "commune":
            up = UNITS[e, row["parent_code"]]
            up = up if up["level"] == "province" else UNITS[e, up["parent_code"]]
            if province in (None, up["code"]):
                found[code] = row["name"]
    return found


def kinds(names) -> Counter[str]:
    return Counter("Thị trấn" if n.startswith("Thị trấn") else n.split()[0] for n in names)


@pytest.mark.parametrize(
    ("edition", "province", "count", "of"),
    [
        ("vn-2014", "34", 286, {"Xã": 267, "Phường": 10, "Thị trấn": 9}),
        ("vn-2014", "33", 161, {}),
        ("vn-2020-06", "34", 260, {"Xã": 241, "Phường": 10, "Thị trấn": 9}),
        ("vn-2020-06", "33", 161, {}),
        ("vn-2024-11", "34", 242, {"Xã": 223, "Phường": 10, "Thị trấn": 9}),
        ("vn-2024-11", "33", 161, {}),
        ("vn-2025-01", "34", 242, {}),
        ("vn-2025-01", "33", 139, {"Xã": 118, "Phường": 13, "Thị trấn": 8}),
        ("vn-2025-07", "33", 104, {"Xã": 93, "Phường": 11}),
        ("vn-2025-07", None, 3321, {"Xã": 2621, "Phường": 687, "Đặc": 13}),
        ("vn-2025-01", None, 10035, {}),
    ],
)
def test_there_are_as_many_communes_as_the_law_says(edition, province, count, of):
    found = communes(edition, province)

    assert len(found) == count
    assert not of or kinds(found.values()) == of


def test_there_are_as_many_provinces_and_districts():
    counts = Counter((edition, row["level"]) for (edition, _), row in UNITS.items())

    assert counts["vn-2025-07", "province"] == 34
    assert counts["vn-2025-01", "province"] == 63
    assert counts["vn-2025-01", "district"] == 696
    assert counts["vn-2025-07", "district"] == 0


def test_names_are_whole_and_nfc():
    names = [row["name"] for row in UNITS.values()]

    assert all(unicodedata.is_normalized("NFC", name) for name in names)
    assert all(name == " ".join(name.split()) and " " in name for name in names)


def test_the_merger_of_hung_yen_has_384_edges_from_381_communes_and_three_splits():
    old = communes("vn-2025-01", "33") | communes("vn-2025-01", "34")
    parts = defaultdict(set)
    edges = 0
    for row in SUCCESSIONS:
        if row["to_edition"] == "vn-2025-07" and row["from_code"] in old:
            edges += 1
            if row["extent"] == "part":
                parts[row["from_code"]].add(row["to_code"])
    into = {row["to_code"] for row in SUCCESSIONS if row["from_code"] in old} & communes(
        "vn-2025-07", "33"
    ).keys()

    assert (len(old), edges, len(into)) == (381, 384, 104)
    assert parts == SPLIT


def test_65_of_the_104_communes_are_on_the_land_of_thai_binh():
    old = communes("vn-2025-01", "34")
    into = {
        row["to_code"]
        for row in SUCCESSIONS
        if row["from_edition"] == "vn-2025-01" and row["from_code"] in old
    }

    assert len(into) == 65


def test_all_104_codes_were_used_before_and_84_carry_another_name():
    old = communes("vn-2025-01", "33") | communes("vn-2025-01", "34")
    new = communes("vn-2025-07", "33")

    assert new.keys() <= old.keys()
    assert sum(new[code] != old[code] for code in new) == 84


def test_every_unit_of_an_ended_edition_goes_somewhere_but_districts_that_ended():
    gone = {(row["from_edition"], row["from_code"]) for row in SUCCESSIONS}
    left = [p for p in UNITS if p[0] != "vn-2025-07" and p not in gone]

    assert {UNITS[place]["level"] for place in left} == {"district"}
    assert {edition for edition, _ in left} == {"vn-2025-01"}
    assert all((row["to_edition"], row["to_code"]) in UNITS for row in SUCCESSIONS)


def test_every_unit_came_from_somewhere():
    known = {(row["to_edition"], row["to_code"]) for row in SUCCESSIONS}
    new = [place for place in UNITS if place[0] == "vn-2025-07" and place not in known]

    assert new == []


def test_a_commune_whose_successor_no_source_names_went_to_its_district():
    to_districts = Counter(
        row["to_edition"]
        for row in SUCCESSIONS
        if len(row["from_code"]) == 5
        and UNITS[row["to_edition"], row["to_code"]]["level"] == "district"
    )

    assert to_districts == {"vn-2020-06": 1, "vn-2024-11": 1, "vn-2025-01": 22}
