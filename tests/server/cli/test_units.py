"""`phieu units` as an operator types it: clear answers, and refusals that change nothing."""

from __future__ import annotations

import pytest

from tests.helpers.installations import Installation
from tests.helpers.slips import ROOT

SAMPLE = ROOT / "xlsforms" / "child_situation" / "media" / "villages.csv"
VILLAGES = "code,name,commune_code,legacy_commune_code\n"
UNITS = "edition,code,level,name,parent_code\n"
EDITIONS = "edition,valid_from,valid_to,legal_basis\n"
SUCCESSIONS = "from_edition,from_code,to_edition,to_code,date,extent\n"
NAMES = "V000101,Xóm Trại Đông,12472,12505\nV000102,Thôn Hưng Mỹ,12472,12472\n"


@pytest.fixture
def sqlite(tmp_path, sqlite_scenes) -> Installation:
    return sqlite_scenes.copy((), tmp_path / "data")


def test_the_country_is_there_from_the_first_start_and_loading_again_adds_nothing(installation):
    loaded = installation.run_json("units", "load")

    assert loaded["units"] == {"added": 0, "changed": 0, "same": 15480}


def test_a_unit_is_shown_with_what_it_was_and_what_it_became(installation):
    new = installation.run_json("units", "show", "12472")
    old = installation.run_json("units", "show", "12568", "--edition", "2014-04-08")
    said = installation.run("units", "show", "12322", "--edition", "2025-06-30")

    assert (new["name"], new["parents"][0]["name"]) == ("Xã Quỳnh Phụ", "Tỉnh Hưng Yên")
    assert [unit["name"] for unit in new["was"]][:2] == ["Thị trấn Quỳnh Côi", "Xã Quỳnh Hồng"]
    assert {unit["name"] for unit in new["sameCode"]} == {"Thị trấn Quỳnh Côi"}
    assert [unit["name"] for unit in old["parents"]] == ["Huyện Quỳnh Phụ", "Tỉnh Thái Bình"]
    assert [unit["name"] for unit in old["today"]] == ["Xã Quỳnh An"]
    assert "became: 11983 Phường Sơn Nam (vn-2025-07, part), 01/07/2025" in said


def test_a_forms_own_list_of_villages_is_imported(installation):
    added = installation.run_json("units", "import", SAMPLE)
    again = installation.run_json("units", "import", SAMPLE)
    village = installation.run_json("units", "show", "V000001")

    assert added["villages"]["added"] == again["villages"]["same"] == 54
    assert (village["name"], village["parents"][0]["code"]) == ("Thôn An Xuân", "12322")
    assert village["legacyCommune"] == "12322"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_utf_8_is_taken_with_and_without_its_mark(sqlite, tmp_path, mark, separator):
    path = tmp_path / "villages.csv"
    path.write_text((mark + VILLAGES + NAMES).replace(",", separator), encoding="utf-8")

    assert sqlite.run_json("units", "import", path)["villages"]["added"] == 2


TCVN3 = "V000101,X\xe3m Tr\xb9i \xa7\xabng,12472,12505\n"
WINDOWS_1258 = "V000101,Xo\xecm Tra\xf2i \xd0\xf4ng,12472,12505\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ((VILLAGES + NAMES).encode("utf-16"), "UTF-16"),
        ((VILLAGES + NAMES).encode("utf-16-le"), "UTF-16"),
        ((VILLAGES + TCVN3).encode("latin-1"), "TCVN3"),
        ((VILLAGES + TCVN3).encode("utf-8"), "TCVN3"),
        ((VILLAGES + WINDOWS_1258).encode("latin-1"), "Windows-1258"),
    ],
)
def test_another_encoding_is_named(sqlite, tmp_path, content, said):
    path = tmp_path / "villages.csv"
    path.write_bytes(content)

    refused = sqlite.run("units", "import", path, status=1)

    assert said in refused
    assert "Nothing was changed" in refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2\n", "Expected is one of: edition, valid_from"),
        ("", "Expected is one of"),
        (VILLAGES + "V000101,Thôn\n", "line 2: this row has not as many cells"),
        (VILLAGES + NAMES + "V000103,Thôn,34,12505\n", "line 4: the code 34 is not in the edition"),
        (VILLAGES + "V000101,Thôn,33,\n", "33 is a province in the edition vn-2025-07"),
        (VILLAGES + "V000101,Thôn,12499,12505\n", "it was in 12505, which did not become"),
        (VILLAGES + "V000101,Thôn,12472,\nV000101,Thôn,12472,\n", "line 3: V000101 is there twice"),
        (VILLAGES + "12472,Thôn,12472,\n", '"12472" cannot be used for code'),
        (UNITS + "vn-1900,1,commune,Xã,33\n", "there is no edition vn-1900"),
        (UNITS + "vn-2025-07,99998,commune,Xã A,99999\n", "line 2: the code 99999 is not in"),
        (UNITS + "vn-2025-07,99998,commune,Xã A,99998\n", "99998 would lie below"),
        (UNITS + "vn-2025-07,99998,commune,Xã A,12472\n", "12472 is a commune"),
        (UNITS + "vn-2025-07,99998,hamlet,Xã A,33\n", "allowed: province, district, commune"),
        (SUCCESSIONS + "vn-2025-01,12472,vn-2025-07,99999,2025-07-01,whole\n", "code 99999 is not"),
        (SUCCESSIONS + "vn-2025-07,12472,vn-2025-01,12472,2025-07-01,whole\n", "come after itself"),
        (SUCCESSIONS + "vn-2025-01,12472,vn-2025-07,12472,1/7/2025,whole\n", "YYYY-MM-DD"),
        (SUCCESSIONS + "vn-2025-01,12472,vn-2025-07,12472,2025-07-01,half\n", "whole, part"),
        (EDITIONS + "vn-x,2025-03-01,,NQ 1\n", "vn-x overlaps"),
        (EDITIONS + "vn-x,2030-01-01,2029-01-01,NQ 1\n", "cannot be used for valid_to"),
        (EDITIONS + "vn-x,2030-01-01,,NQ 1\n", "the edition vn-x has no units"),
    ],
)
def test_a_list_that_cannot_be_right_is_refused_with_its_line(sqlite, tmp_path, content, said):
    path = tmp_path / "list.csv"
    path.write_text(content, encoding="utf-8")

    refused = sqlite.run("units", "import", path, status=1)

    assert said in refused
    assert "Nothing was changed" in refused
    assert "Traceback" not in refused


def test_nothing_is_changed_by_a_list_that_is_refused(sqlite, tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(VILLAGES + NAMES, encoding="utf-8")
    bad.write_text(VILLAGES + "V000103,Thôn,99999,\n", encoding="utf-8")

    sqlite.run("units", "import", good, bad, status=1)

    sqlite.run("units", "show", "V000101", status=1)
