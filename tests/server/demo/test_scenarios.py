"""S1–S9 of domain.md §8.5: each named data set, and what must come of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from server.actions.entities.known import get_list
from server.actions.entities.lists import find_phone_lists
from server.actions.entities.merging import propose_merges
from server.actions.people import add_app_user
from server.auth.callers import find_phone
from server.cli import demo
from server.cli.common import operator, settings, storage, today
from server.db import db, transaction
from server.demo import SCENARIOS
from server.jobs import run_next
from server.jobs.surroundings import Surroundings
from server.models import (
    Audit,
    DueItem,
    DueKind,
    Entity,
    EntityVersion,
    Finding,
    Submission,
    SubmissionVersion,
)
from server.queries.atlas import find_commune_in
from server.queries.projects import get_project
from server.queries.submissions import load_xml

NOW = "vn-2025-07"


@pytest.fixture
def play(app):
    def play(code: str) -> dict:
        done = app.test_cli_runner().invoke(demo.command, ["--scenario", code, "--json"])
        assert done.exit_code == 0, (done.output, done.exception)
        db.session.rollback()
        return json.loads(done.stdout)

    return play


def found() -> list[str]:
    return list(db.session.scalars(select(Finding.code).order_by(Finding.id)))


def errors() -> list[Audit]:
    return list(db.session.scalars(select(Audit).where(Audit.action == "entity.error")))


def slips() -> list[Submission]:
    return list(db.session.scalars(select(Submission).order_by(Submission.id)))


def xml_of(submission: Submission) -> bytes:
    query = select(SubmissionVersion.id).where(SubmissionVersion.submission_id == submission.id)
    return load_xml(db.session.scalars(query).one())


def entities(list_name: str) -> list[Entity]:
    dataset_id = get_list(None, 1, list_name).id
    query = select(Entity).where(Entity.dataset_id == dataset_id).order_by(Entity.id)
    return list(db.session.scalars(query))


def proposed() -> list[tuple[str, str]]:
    facts = get_list(None, 1, "child")
    return [p.labels for p in propose_merges(facts, by=operator())]


def officers_list(commune_code: str, list_name: str) -> list[dict[str, str]]:
    """What the phone of an officer of this commune has."""
    with transaction():
        _, token = add_app_user(
            f"officer {commune_code}",
            project=get_project(),
            form_ids=(),
            unit_codes=(commune_code,),
            on=today(),
            secret_key=settings().secret_key,
            by=operator(),
            role="commune_officer",
        )
    phone = find_phone(token, 1, operator().occasion)
    name = f"{list_name}.csv"
    content = find_phone_lists(phone, 1, [name])[name].to_csv().decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_s1_in_a_quiet_month_every_village_reports_zero_and_nothing_is_found(play):
    made = play("S1")

    assert made["forms"] == {"village_monthly": 54}
    assert all(b"<no_change>1</no_change>" in xml_of(slip) for slip in slips())
    assert not any(b"<g_move>" in xml_of(slip) for slip in slips())
    assert {slip.village_code for slip in slips()} == {f"V{n:06}" for n in range(1, 55)}
    assert found() == []


def test_s2_the_case_knows_that_it_was_received_at_half_past_eleven_on_friday_before_tet(play):
    assert play("S2")["forms"] == {"abuse_report": 1}

    [case] = entities("case")
    [slip] = slips()
    assert case.data["received_at"] == "2026-02-13T23:30:00"
    assert (case.data["emergency"], case.data["status"]) == ("1", "open")
    assert datetime(2026, 2, 13, 23, 30).strftime("%A") == "Friday"
    assert slip.created_at > datetime(2026, 2, 13, 16, 30, tzinfo=UTC)
    assert found() == errors() == []
    tz = ZoneInfo("Asia/Ho_Chi_Minh")
    due = {item.kind: item.due_at for item in db.session.scalars(select(DueItem))}
    assert due == {
        DueKind.EMERGENCY: datetime(2026, 2, 14, 11, 30, tzinfo=tz),
        DueKind.PLAN: datetime(2026, 2, 26, 23, 30, tzinfo=tz),
    }


def test_s3_slips_of_june_that_arrive_after_the_merger_keep_the_old_commune_and_its_edition(play):
    assert play("S3")["forms"] == {"child_situation": 2}

    for slip, old in zip(slips(), ("12472", "12505"), strict=True):
        assert (slip.edition, slip.commune_code) == ("vn-2025-01", old)
        assert slip.created_at.date() == date(2025, 7, 3)
        assert in_edition(NOW, slip) == "12472"
    places = [(e.edition, e.commune_code) for e in entities("child")]
    assert places == [("vn-2025-01", "12472"), ("vn-2025-01", "12505")]
    assert {row["name"] for row in officers_list("12472", "child")} == {
        child.uuid for child in entities("child")
    }
    assert found() == errors() == []


def test_s4_each_village_of_the_split_commune_goes_to_the_commune_that_took_it(play):
    assert play("S4")["forms"] == {"child_situation": 2}

    first, neighbour = slips()
    assert [s.commune_code for s in (first, neighbour)] == ["12322", "12322"]
    assert (in_edition(NOW, first), in_edition(NOW, neighbour)) == ("11983", "12322")
    (one,), (other,) = officers_list("11983", "child"), officers_list("12322", "child")
    assert (one["village_code"], other["village_code"]) == ("V990001", "V000001")
    assert found() == errors() == []


def in_edition(edition: str, slip: Submission) -> str | None:
    return find_commune_in(
        edition,
        village_code=slip.village_code,
        reported_edition=slip.edition,
        code=slip.commune_code,
    ).commune_code


def test_s5_a_child_that_moves_is_on_the_phones_of_its_new_commune_and_its_case_stays(play):
    made = play("S5")

    [child], [case] = entities("child"), entities("case")
    assert made["moved"] == 2
    assert officers_list("12472", "child") == []
    assert [row["name"] for row in officers_list("12322", "child")] == [child.uuid]
    assert [row["name"] for row in officers_list("12472", "case")] == [case.uuid]
    assert officers_list("12322", "case") == []
    assert (case.commune_code, case.data["child_id"]) == ("12472", child.uuid)
    assert case.data["status"] == "open"
    assert (child.version, case.version, child.conflict) == (3, 2, None)
    assert found() == errors() == []


def test_s6_of_a_household_that_withdraws_its_consent_nothing_stays(play, app):
    made = play("S6")
    while run_next(Surroundings.of(settings(), storage())):
        pass
    db.session.rollback()

    [slip] = slips()
    assert made["withdrawn"] == 1
    assert slip.erased_at is not None
    assert "Ngô" not in xml_of(slip).decode()
    made_by_it = [*entities("household"), *entities("child")]
    assert len(made_by_it) == 3
    assert all(e.deleted_at is not None and e.data == {} and not e.label for e in made_by_it)
    query = select(EntityVersion).where(EntityVersion.entity_id.in_([e.id for e in made_by_it]))
    assert all(v.data == v.received == {} for v in db.session.scalars(query))
    assert officers_list("12472", "child") == []


def test_s7_twins_with_almost_the_same_name_are_two_children(play):
    play("S7")

    assert [e.data["dob"] for e in entities("child")] == ["2018-03-07"] * 2
    assert [e.label for e in entities("child")] == ["Bùi Minh An (2018)", "Bùi Minh Ân (2018)"]
    assert proposed() == []
    assert found() == errors() == []


def test_s8_one_child_spelt_in_two_ways_is_found_and_proposed_for_merging(play):
    play("S8")

    assert found() == ["V03"]
    assert proposed() == [("Trần Thị Hoà (2016)", "Trần Thị Hòa (2016)")]
    assert all(e.deleted_at is None for e in entities("child"))
    assert errors() == []


def test_s9_a_spreadsheet_of_2014_is_imported_in_unicode_and_in_the_groups_of_2016(play):
    made = play("S9")

    children = entities("child")
    assert [c.data["full_name"] for c in children][:3] == [
        "Trần Thị Hoà",
        "Nguyễn Văn Đức",
        "Phạm Thuỷ Tiên",
    ]
    assert [c.data.get("sc_open") for c in children] == ["04", "02 04", "00", None, None, "04"]
    assert {c.edition for c in children} == {"vn-2014"}
    assert [(w["line"], w["why"], w["text"]) for w in made["warnings"]] == [
        (5, "ambiguous", "Trẻ em lang thang"),
        (6, "restricted", ""),
        (7, "ambiguous", "mồ côi không nơi nương tựa"),
    ]
    assert "xâm hại" not in json.dumps([c.data for c in children], ensure_ascii=False)


@pytest.mark.parametrize("code", ["S3", "S5", "S6", "S8", "S9"])
def test_a_scenario_made_again_changes_nothing(play, code):
    play(code)
    before = [(e.uuid, e.version, e.deleted_at) for e in db.session.scalars(select(Entity))]

    again = play(code)

    after = [(e.uuid, e.version, e.deleted_at) for e in db.session.scalars(select(Entity))]
    assert (again["new"], before) == (0, after)
    assert errors() == []


def test_every_scenario_is_named_in_both_languages(app):
    done = app.test_cli_runner().invoke(demo.command, ["--list", "--json"])
    listed = json.loads(done.stdout)

    assert [row["scenario"] for row in listed] == list(SCENARIOS)
    assert all(row["vi"] and row["en"] for row in listed)
