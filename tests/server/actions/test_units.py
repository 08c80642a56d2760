"""Units in both databases: the merger of 1 July 2025 on the real list, and what is asked of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pytest

from server.actions.unit_importing import import_units
from server.actions.unit_loading import load_units
from server.cli.common import operator
from server.db import transaction
from server.errors import NotFound
from server.models import Unit, UnitLevel
from server.queries import lineages, units
from server.queries.atlas import Answer, commune_in, find_commune_in, open_atlas

BEFORE, AFTER = "vn-2025-01", "vn-2025-07"
LAST_DAY, FIRST_DAY = date(2025, 6, 30), date(2025, 7, 1)
SPLIT = {"11989": {"11992", "11995"}, "12004": {"11995", "12004"}, "12322": {"11983", "12322"}}


def communes_of(code: str, edition: str) -> list[str]:
    return [u.code for u in units.list_under(edition, code) if u.level is UnitLevel.COMMUNE]


def import_villages(*lines: str) -> None:
    header = "code,name,commune_code,legacy_commune_code"
    with transaction():
        import_units(
            [("villages.csv", "\n".join([header, *lines]).encode())], on=FIRST_DAY, by=operator()
        )


def test_the_edition_in_force_changes_on_the_day(app):
    assert units.find_edition(LAST_DAY).id == BEFORE
    assert units.find_edition(FIRST_DAY).id == AFTER
    assert units.find_edition(date(2014, 4, 8)).id == "vn-2014"


def test_a_code_used_twice_is_two_units(app):
    old, new = units.find_unit(BEFORE, "12472"), units.find_unit(AFTER, "12472")

    assert (old.name, old.parent_code) == ("Thị trấn Quỳnh Côi", "338")
    assert (new.name, new.parent_code) == ("Xã Quỳnh Phụ", "33")
    assert units.get_current_unit("12472", LAST_DAY).name == "Thị trấn Quỳnh Côi"
    with pytest.raises(NotFound):
        units.get_current_unit("34", FIRST_DAY)


def test_what_is_under_a_province_goes_through_districts_where_they_exist(app):
    before, after = units.list_under(BEFORE, "34"), units.list_under(AFTER, "33")

    assert Counter(u.level.value for u in before) == {"commune": 242, "district": 8}
    assert Counter(u.level.value for u in after) == {"commune": 104}
    assert units.list_under(AFTER, "34") == []


def test_where_it_went_and_where_it_came_from(app):
    went = [r.to_code for r in lineages.list_successions((BEFORE, "12322"))]
    came = [r.from_code for r in lineages.list_origins((AFTER, "12472"))]

    assert went == ["11983", "12322"]
    assert came == ["12472", "12505", "12520", "12529", "12535", "12553"]


def test_a_chain_over_several_mergers_is_followed(app):
    """12568 Quỳnh Xá → 12577 Trang Bảo Xá → 12577 Quỳnh An: the last two share a code."""

    def at(edition: str) -> Answer:
        return find_commune_in(edition, village_code=None, reported_edition="vn-2014", code="12568")

    assert at("vn-2020-06").commune_code == "12568"
    assert at("vn-2024-11").commune_code == at(AFTER).commune_code == "12577"
    assert units.find_unit("vn-2024-11", "12577").name == "Xã Trang Bảo Xá"
    assert units.find_unit(AFTER, "12577").name == "Xã Quỳnh An"


def test_a_successor_known_only_by_district_is_undecided(app):
    answer = find_commune_in(AFTER, village_code=None, reported_edition="vn-2014", code="13105")

    assert answer.commune_code is None
    assert len(answer.candidates) > 1


def test_sums_over_communes_are_equal_before_and_after_the_merger(app):
    """A slip of every commune before the merger, two villages in each that was split."""
    atlas = open_atlas()
    old = communes_of("33", BEFORE) + communes_of("34", BEFORE)
    slips = [(code, {}) for code in old if code not in SPLIT] + [
        (code, {AFTER: part}) for code, parts in SPLIT.items() for part in sorted(parts)
    ]

    after = defaultdict(int)
    for code, village in slips:
        answer = commune_in(atlas, AFTER, reported=(BEFORE, code), village=village)
        after[answer.commune_code] += 1
    before = Counter(code for code, _ in slips)

    assert sum(before.values()) == sum(after.values()) == 384
    assert after.keys() == set(communes_of("33", AFTER))
    for new, count in after.items():
        origins = [r.from_code for r in lineages.list_origins((AFTER, new))]
        assert count == sum(1 if code in SPLIT else before[code] for code in origins)


def test_without_their_villages_only_the_three_split_communes_are_undecided(app):
    atlas = open_atlas()
    old = communes_of("33", BEFORE) + communes_of("34", BEFORE)

    undecided = {
        code: answer.candidates
        for code in old
        if (answer := commune_in(atlas, AFTER, reported=(BEFORE, code))).commune_code is None
    }

    assert undecided == SPLIT


def test_the_split_communes_are_decided_by_village(app):
    import_villages("V000101,Thôn Một,11983,12322", "V000102,Thôn Hai,12322,12322")

    first, second, unknown = (
        find_commune_in(AFTER, village_code=code, reported_edition=BEFORE, code="12322")
        for code in ("V000101", "V000102", "V999999")
    )
    back = find_commune_in(BEFORE, village_code="V000101", reported_edition=AFTER, code="11983")

    assert (first.commune_code, second.commune_code) == ("11983", "12322")
    assert unknown == Answer(None, frozenset({"11983", "12322"}))
    assert back.commune_code == "12322"


def test_backwards_what_may_have_come_from_elsewhere_in_the_district_is_undecided(app):
    """Nhân La and Phú Thịnh ended on 1/1/2025; no source says which commune got them."""
    sure = find_commune_in("vn-2024-11", village_code=None, reported_edition=BEFORE, code="12475")
    open_ = find_commune_in("vn-2024-11", village_code=None, reported_edition=BEFORE, code="12322")

    assert sure.commune_code == "12475"
    assert open_ == Answer(None, frozenset({"12307", "12310", "12322"}))


def test_loading_again_changes_nothing(app):
    with transaction():
        changed = load_units(by=operator())

    assert all((c.added, c.changed) == (0, 0) for c in changed.values())
    assert changed["units"].same == 15480


def test_a_province_is_loaded_with_the_provinces_it_was_made_of(app):
    with transaction():
        changed = load_units(by=operator(), province="33")
        with pytest.raises(NotFound):
            load_units(by=operator(), province="99")

    assert 2000 > changed["units"].same > 104 + 381


def test_villages_go_along_into_a_new_edition_unless_their_commune_was_split(app):
    import_villages("V000101,Thôn Một,11983,12322", "V000102,Thôn Hai,12472,12505")
    kept = "\n".join(
        f"vn-2030-01,{u.code},{u.level.value},{u.name},{u.parent_code}"
        for u in units.list_under(AFTER, "33")
        if u.level is UnitLevel.COMMUNE
    )
    files = {
        "e.csv": "edition,valid_from,valid_to,legal_basis\nvn-2030-01,2030-01-01,,NQ 1\n",
        "u.csv": "edition,code,level,name,parent_code\n"
        f"vn-2030-01,33,province,Tỉnh Hưng Yên,\n{kept}\n",
        "s.csv": "from_edition,from_code,to_edition,to_code,date,extent\n"
        "vn-2025-07,12472,vn-2030-01,12499,2030-01-01,whole\n"
        "vn-2025-07,11983,vn-2030-01,11983,2030-01-01,part\n"
        "vn-2025-07,11983,vn-2030-01,11980,2030-01-01,part\n",
    }

    with transaction():
        import_units(
            [(name, text.encode()) for name, text in files.items()], on=FIRST_DAY, by=operator()
        )

    assert units.find_edition(date(2029, 12, 31)).id == AFTER
    assert units.find_unit("vn-2030-01", "V000102").parent_code == "12499"
    assert units.find_unit("vn-2030-01", "V000101") is None
    moved = find_commune_in(
        "vn-2030-01", village_code="V000101", reported_edition=AFTER, code="11983"
    )
    assert moved == Answer(None, frozenset({"11980", "11983"}))


def test_what_was_remembered_of_units_ends_when_units_change(app):
    from server.queries.projects import find_catalogue

    before = find_catalogue(None).catalogue
    import_villages("V000101,Thôn Một,12472,12472")

    assert find_catalogue(None).catalogue != before
    assert isinstance(units.find_unit(AFTER, "V000101"), Unit)
