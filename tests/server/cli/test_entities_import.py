"""`phieu entities import`: old spreadsheets, what is refused of a file, how cells are read."""

from __future__ import annotations

import json
import unicodedata

import pytest
from sqlalchemy import func, select

from exports.formulas import neutralise_text
from server.actions.entities.groups_2004 import Unmapped, map_groups
from server.db import db
from server.models import DueItem, Entity, EntityVersion
from server.queries.entity_lists import list_live
from server.queries.scopes import EVERYTHING
from tests.helpers.slips import ROOT

SAMPLE = ROOT / "xlsforms/child_situation/media/villages.csv"
TWICE = "0f9d1c1e-3b7a-4c55-9d4e-0a1b2c3d4e5f"
HEAD = "label,full_name,sex,dob,commune_code,sc_open\n"
ROWS = (
    "Hoµ,TrÇn ThÞ Hoµ,2,2008-04-02,12568,TrÎ em khuyÕt tËt\n"
    "Tó,NguyÔn V¨n Tó,1,2005-09-12,12472,lang thang\n"
    "H­¬ng,Ph¹m ThÞ H­¬ng,2,2006-01-20,12472,bÞ x©m h¹i t×nh dôc\n"
)
OLD = ("--encoding", "tcvn3", "--groups", "2004", "--as-of", "2014-12-31")


@pytest.fixture
def run(app):
    def run(path, *options: str, status: int = 0):
        from server.cli.entities import command

        done = app.test_cli_runner().invoke(command, ["import", "child", str(path), *options])
        assert done.exit_code == status, (done.output, done.exception)
        return done

    return run


def children() -> list[dict[str, str]]:
    from server.actions.entities.known import get_list

    facts = get_list(None, 1, "child")
    return [row.data for row in list_live(facts.id, EVERYTHING)]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"], ids=["as bytes", "taken for Latin"])
def test_tcvn3_is_refused_unless_the_operator_says_so(run, tmp_path, encoding):
    path = tmp_path / "2014.csv"
    path.write_bytes((HEAD + ROWS).encode(encoding))

    refused = run(path, status=1)
    assert refused.exception.details["subject"] == "entity_tcvn3"
    assert children() == []

    run(path, *OLD)
    assert [c["full_name"] for c in children()] == [
        "Trần Thị Hoà",
        "Nguyễn Văn Tú",
        "Phạm Thị Hương",
    ]


def test_only_certain_groups_are_taken_over_and_the_others_are_told(run, tmp_path):
    path = tmp_path / "2014.csv"
    path.write_bytes((HEAD + ROWS).encode("latin-1"))

    done = run(path, *OLD, "--json")
    told = json.loads(done.stdout)

    assert [child.get("sc_open") for child in children()] == ["04", None, None]
    assert told["warnings"] == [
        {"line": 3, "why": "ambiguous", "text": "lang thang"},
        {"line": 4, "why": "restricted", "text": ""},
    ]
    assert "lang thang" in done.stderr
    assert "tình dục" not in done.output
    assert json.loads(run(path, *OLD, "--json").stdout) == {
        **told,
        "new": 0,
        "known": 3,
    }


def test_communes_are_those_of_the_spreadsheets_own_day(run, tmp_path, app):
    from server.db import db
    from server.models import Entity

    path = tmp_path / "2014.csv"
    path.write_bytes((HEAD + ROWS).encode("latin-1"))

    run(path, "--encoding", "tcvn3", "--groups", "2004", "--as-of", "2014-12-31")

    db.session.rollback()
    places = [(e.edition, e.commune_code) for e in db.session.query(Entity).order_by(Entity.id)]
    assert places == [("vn-2014", "12568"), ("vn-2014", "12472"), ("vn-2014", "12472")]


@pytest.mark.parametrize(
    ("text", "codes", "left"),
    [
        ("Trẻ em bị bỏ rơi", "02", []),
        ("khuyết tật, tàn tật; bị bỏ rơi", "02 04", []),
        ("tàn tật; lang thang", "04", [Unmapped.AMBIGUOUS]),
        ("Trẻ em mồ côi không nơi nương tựa", "", [Unmapped.AMBIGUOUS]),
        ("nạn nhân chất độc hóa học", "", [Unmapped.AMBIGUOUS]),
        ("nghiện ma túy", "", [Unmapped.RESTRICTED]),
        ("Nhiễm HIV/AIDS", "", [Unmapped.RESTRICTED]),
        ("không", "00", []),
        ("", "", []),
        ("04", "", [Unmapped.UNKNOWN]),
    ],
)
def test_a_group_of_2004_becomes_one_of_2016_where_that_is_certain(text, codes, left):
    found, unmapped = map_groups(text)

    assert (found, [u.why for u in unmapped]) == (codes, left)


def test_semicolons_part_the_cells_too(run, tmp_path):
    path = tmp_path / "excel.csv"
    path.write_text("label;full_name;commune_code\nLan, Hoa;Lan;12472\n", encoding="utf-8-sig")

    run(path)

    assert children() == [{"full_name": "Lan", "commune_code": "12472"}]


def test_a_commune_that_nobody_knows_is_refused(run, tmp_path):
    path = tmp_path / "typo.csv"
    path.write_text("label,commune_code\nLan,12472\nHoa,99999\n", encoding="utf-8")

    refused = run(path, status=1)

    assert refused.exception.details["subject"] == "entity_commune"
    assert refused.exception.details["line"] == 3
    assert children() == []


def test_a_column_without_a_name_is_told_by_its_number(run, tmp_path):
    path = tmp_path / "blank.csv"
    path.write_text("label,commune_code,\nLan,12472,\n", encoding="utf-8")

    refused = run(path, status=1)

    assert refused.exception.details["subject"] == "entity_column_unnamed"
    assert refused.exception.details["number"] == 3


def test_a_row_without_a_place_is_refused(run, tmp_path):
    path = tmp_path / "nowhere.csv"
    path.write_text("label,commune_code\nLan,12472\nHoa,\n", encoding="utf-8")

    refused = run(path, status=1)

    assert refused.exception.details["subject"] == "entity_nowhere"
    assert refused.exception.details["line"] == 3
    assert children() == []


def test_a_list_without_places_needs_none(app, tmp_path):
    from server.actions.entities.curating import Settings, add_list, add_property
    from server.actions.entities.importing import import_entities
    from server.actions.entities.known import get_list
    from server.cli.common import operator, today
    from server.db import transaction

    with transaction():
        add_list(1, "school", Settings(), by=operator())
    with transaction():
        add_property(get_list(None, 1, "school"), "kind", by=operator())
    path = tmp_path / "schools.csv"
    path.write_text("label,kind\nHoa Mai,1\n", encoding="utf-8")

    outcome = import_entities(path, get_list(None, 1, "school"), on=today(), by=operator())

    assert (outcome.new, outcome.warnings) == (1, [])


def test_a_day_before_the_first_edition_is_refused(run, tmp_path):
    path = tmp_path / "old.csv"
    path.write_text("label,commune_code\nLan,12472\n", encoding="utf-8")

    refused = run(path, "--as-of", "1900-01-01", status=1)

    assert refused.exception.details["field"] == "--as-of"
    assert children() == []


def test_a_village_of_another_commune_is_told(run, tmp_path, app):
    from server.actions.unit_importing import import_units
    from server.actions.unit_lists import VILLAGES
    from server.cli.common import operator, today
    from server.db import db, transaction
    from server.models import Entity

    with transaction():
        import_units([(VILLAGES, SAMPLE.read_bytes())], on=today(), by=operator())
    path = tmp_path / "villages.csv"
    text = "label,village_code,commune_code\nLan,V000002,12322\nHoa,V000002,12472\n"
    path.write_text(text, encoding="utf-8")

    done = run(path, "--json")

    assert json.loads(done.stdout)["warnings"] == [
        {"line": 3, "why": "village_elsewhere", "text": "V000002"}
    ]
    assert "V000002" in done.stderr
    db.session.rollback()
    places = [e.commune_code for e in db.session.query(Entity).order_by(Entity.id)]
    assert places == ["12322", "12472"]


@pytest.mark.parametrize(("column", "limit"), [("label", 10_000), ("full_name", 100_000)])
def test_what_no_slip_could_say_is_too_long(run, tmp_path, column, limit):
    row = {"label": "Lan", "full_name": "Lan", column: "x" * (limit + 1)}
    path = tmp_path / "long.csv"
    text = f"label,full_name,commune_code\n{row['label']},{row['full_name']},12472\n"
    path.write_text(text, encoding="utf-8")

    details = run(path, status=1).exception.details

    assert (details["subject"], details["line"]) == ("entity_long", 2)
    assert (details["column"], details["limit"]) == (column, limit)


def test_letters_taken_apart_make_no_second_child(run, tmp_path):
    path = tmp_path / "c.csv"
    text = "label,full_name,commune_code\nHoà,Trần Thị Hoà,12472\n"
    path.write_text(unicodedata.normalize("NFD", text), encoding="utf-8")
    run(path)
    path.write_text(text, encoding="utf-8")

    assert json.loads(run(path, "--json").stdout)["known"] == 1
    assert [child["full_name"] for child in children()] == ["Trần Thị Hoà"]


@pytest.mark.parametrize("name", ["=1+1", "'=1+1", "-a", "'Lan", "Lan", "-1"])
def test_what_was_exported_comes_back_as_it_was(run, tmp_path, name):
    path = tmp_path / "c.csv"
    inert = neutralise_text(name)
    path.write_text(f'label,full_name,commune_code\nLan,"{inert}",12472\n', encoding="utf-8")

    run(path)

    assert [child["full_name"] for child in children()] == [name]


def test_an_apostrophe_of_its_own_stays(run, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("label,full_name,commune_code\nLan,'Lan,12472\n", encoding="utf-8")

    run(path)

    assert [child["full_name"] for child in children()] == ["'Lan"]


@pytest.mark.parametrize(
    ("column", "cell", "subject"),
    [("", "", "entity_same"), ("name,", f"{TWICE},", "entity_twice")],
    ids=["without names", "with names"],
)
def test_two_rows_that_are_one_are_told_by_their_lines(run, tmp_path, column, cell, subject):
    path = tmp_path / "twice.csv"
    row = f"{cell}Lan,12472\n"
    path.write_text(f"{column}label,commune_code\n{row}{row}", encoding="utf-8")

    details = run(path, status=1).exception.details

    assert (details["subject"], details["line"], details["first"]) == (subject, 3, 2)


def test_many_rows_come_in_their_order_and_what_is_due_of_one_is_known(run, tmp_path):
    path, more = tmp_path / "many.csv", tmp_path / "more.csv"
    rows = [f"Trẻ {n},Trẻ {n},12472,{'2026-11-20' if n == 7 else ''}\n" for n in range(150)]
    path.write_text("label,full_name,commune_code,next_visit\n" + "".join(rows), encoding="utf-8")
    more.write_text("label,full_name,commune_code\nLan,Lan,12472\n", encoding="utf-8")

    run(path)
    run(more)

    assert [c["full_name"] for c in children()] == [*(f"Trẻ {n}" for n in range(150)), "Lan"]
    due = select(Entity.label).join(DueItem, DueItem.entity_id == Entity.id)
    assert list(db.session.scalars(due)) == ["Trẻ 7"]
    versions = select(func.count()).select_from(EntityVersion).where(EntityVersion.number == 1)
    assert db.session.scalar(versions) == 151
