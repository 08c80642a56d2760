"""What restricted forms say of a child: noted with the slip, read by duty alone."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from forms.instances import parse_instance
from server.actions.assigning import Duty
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities, split_entity
from server.actions.erasing import Erasure, erase_submission
from server.cli.common import operator
from server.db import db, transaction, utc_now
from server.errors import NotAllowed, ReasonNeeded
from server.models import (
    Audit,
    Entity,
    EntityVersion,
    RestrictedFact,
    ReviewState,
    Submission,
    SubmissionVersion,
)
from tests.helpers.cases import add_child
from tests.helpers.children import child_slip, new_child
from tests.helpers.duties import person, receive
from tests.helpers.facts import (
    OTHER,
    SECRET,
    facts_of,
    officer_of,
    publish_visits,
    receive_visit,
)
from tests.helpers.slips import ROOT, new_id
from tests.helpers.sql import list_audits

KNOWN = {"sc_restricted": SECRET}
HERE, THERE = "12472", "12511"


@pytest.fixture
def scene():
    """Forms that make and visit children."""
    return (publish_visits,)


@pytest.fixture
def officer(app):
    """The officer of the commune where children are."""
    return officer_of(person("officer@x.vn", Duty("commune_officer", HERE)))


@pytest.fixture
def child(officer) -> str:
    return add_child("Lan")


def change_submission(instance_id: str, **values: object) -> None:
    with transaction():
        query = update(Submission).where(Submission.instance_id == instance_id)
        db.session.execute(query.values(values))


def count_facts() -> int:
    db.session.rollback()
    return db.session.scalars(select(func.count()).select_from(RestrictedFact)).one()


def submission_of(instance_id: str) -> int:
    query = select(SubmissionVersion.submission_id)
    return db.session.scalars(query.where(SubmissionVersion.instance_id == instance_id)).one()


def erase(instance_id: str) -> None:
    with transaction():
        erase_submission(Erasure(submission_of(instance_id)), by=operator())


def test_a_visit_says_it_of_its_child_and_of_no_other(officer, child):
    sister = add_child("Hoa")

    receive_visit(child)

    assert facts_of(child, by=officer) == KNOWN
    assert facts_of(sister, by=officer) == {}


def test_it_is_in_no_version_of_the_child_and_not_in_the_log(officer, child):
    receive_visit(child, next_visit="2027-01-05")

    kept = db.session.execute(select(Entity.data, Entity.label)).all()
    kept += db.session.execute(select(EntityVersion.data, EntityVersion.received)).all()
    kept += db.session.execute(select(Audit.details, Audit.action)).all()
    assert SECRET not in str(kept)
    assert "2027-01-05" in str(kept)


def test_the_visit_that_came_last_counts_and_a_blank_answer_empties(officer, child):
    receive_visit(child)
    receive_visit(child, OTHER, base=2)
    assert facts_of(child, by=officer) == {"sc_restricted": OTHER}

    receive_visit(child, None, base=3)
    assert facts_of(child, by=officer) == {"sc_restricted": OTHER}

    receive_visit(child, "", base=4)
    assert facts_of(child, by=officer) == {"sc_restricted": ""}


def test_an_edit_corrects_it(officer, child):
    first, second, third = new_id(), new_id(), new_id()
    receive_visit(child, instance_id=first)

    receive_visit(child, OTHER, instance_id=second, edits=first)
    assert facts_of(child, by=officer) == {"sc_restricted": OTHER}

    receive_visit(child, None, instance_id=third, edits=second)
    assert facts_of(child, by=officer) == {}
    assert count_facts() == 0


def test_an_edit_says_it_of_the_right_child(officer, child):
    sister, first = add_child("Hoa"), new_id()
    receive_visit(child, instance_id=first)

    receive_visit(sister, edits=first)

    assert facts_of(child, by=officer) == {}
    assert facts_of(sister, by=officer) == KNOWN


def test_an_edit_of_an_older_visit_does_not_hide_a_newer_one(officer, child):
    first = new_id()
    receive_visit(child, instance_id=first)
    receive_visit(child, OTHER, base=2)

    receive_visit(child, "another", edits=first)

    assert facts_of(child, by=officer) == {"sc_restricted": OTHER}


@pytest.mark.parametrize(
    ("column", "gone", "back"),
    [
        ("review_state", ReviewState.REJECTED, ReviewState.APPROVED),
        ("deleted_at", utc_now(), None),
    ],
    ids=["rejected", "deleted"],
)
def test_what_a_slip_says_holds_while_the_slip_does(officer, child, column, gone, back):
    second = new_id()
    receive_visit(child)
    receive_visit(child, OTHER, base=2, instance_id=second)

    change_submission(second, **{column: gone})
    assert facts_of(child, by=officer) == KNOWN

    change_submission(second, **{column: back})
    assert facts_of(child, by=officer) == {"sc_restricted": OTHER}


def test_a_slip_that_waits_says_nothing_yet(officer):
    late = new_child()
    receive_visit(late, branch=new_child())
    assert count_facts() == 0

    receive(child_slip(late, commune_code=HERE, village_code="V000001"))

    assert facts_of(late, by=officer) == KNOWN


def test_a_slip_that_is_refused_says_nothing(officer):
    receive_visit(new_child())

    assert count_facts() == 0


def test_erasing_the_visit_destroys_it(officer, child):
    visit = new_id()
    receive_visit(child, instance_id=visit)

    erase(visit)

    assert count_facts() == 0
    assert facts_of(child, by=officer) == {}


def test_erasing_the_child_destroys_it_and_no_edit_brings_it_back(officer):
    made, child, visit = new_id(), new_child(), new_id()
    receive(child_slip(child, instance_id=made, commune_code=HERE, village_code="V000001"))
    receive_visit(child, instance_id=visit)

    erase(made)
    assert count_facts() == 0

    receive_visit(child, OTHER, edits=visit)
    assert count_facts() == 0


def test_it_follows_the_child_that_another_was_merged_into_and_back(officer, child):
    twin, whole = add_child("Lan"), add_child("Lan")
    receive_visit(twin)
    facts = get_list(None, 1, "child")

    with transaction():
        merge_entities(facts, child, twin, by=operator())
        merge_entities(facts, whole, child, by=operator())
    assert facts_of(whole, by=officer) == KNOWN

    with transaction():
        split_entity(facts, child, by=operator())
    assert facts_of(whole, by=officer) == {}
    assert facts_of(child, by=officer) == KNOWN

    with transaction():
        split_entity(facts, twin, by=operator())
    assert facts_of(child, by=officer) == {}
    assert facts_of(twin, by=officer) == KNOWN


def test_a_visit_that_came_late_of_a_merged_child_is_kept_for_both(officer, child):
    twin, facts = add_child("Lan"), get_list(None, 1, "child")
    with transaction():
        merge_entities(facts, child, twin, by=operator())

    receive_visit(twin)

    assert facts_of(child, by=officer) == KNOWN
    with transaction():
        split_entity(facts, twin, by=operator())
    assert facts_of(twin, by=officer) == KNOWN
    assert facts_of(child, by=officer) == {}


def test_only_a_duty_with_restricted_forms_opens_it_for_a_reason(officer, child):
    receive_visit(child)

    for duty in (Duty("admin"), Duty("collaborator", HERE), Duty("district_viewer", HERE)):
        other = officer_of(person(f"{duty.role}@x.vn", duty))
        with pytest.raises(NotAllowed):
            facts_of(child, by=other)
    with pytest.raises(NotAllowed):
        facts_of(child, by=operator())
    with pytest.raises(ReasonNeeded):
        facts_of(child, by=officer_of(person("lead@x.vn", Duty("commune_lead", HERE)), ""))
    lead = officer_of(person("lead-2@x.vn", Duty("commune_lead", HERE)))
    assert facts_of(child, by=lead) == KNOWN


def test_the_officer_of_another_commune_does_not_see_it_until_the_child_moves_there(officer, child):
    other = officer_of(person("other@x.vn", Duty("commune_officer", THERE)))
    receive_visit(child)
    with pytest.raises(NotAllowed):
        facts_of(child, by=other)

    receive(child_slip(child, mode="update", base=2, commune_code=THERE, village_code=""))

    assert facts_of(child, by=other) == KNOWN
    with pytest.raises(NotAllowed):
        facts_of(child, by=officer)


def test_a_fault_costs_neither_the_edit_nor_the_slip(officer, child, monkeypatch):
    first, second = new_id(), new_id()
    receive_visit(child, instance_id=first)
    monkeypatch.setattr("server.queries.restricted_facts.replace_facts", lambda *_: 1 / 0)

    receive_visit(child, OTHER, instance_id=second, edits=first)

    assert submission_of(second) == submission_of(first)
    assert [row.details["problem"] for row in list_audits("entity.error")] == ["500.1"]
    assert facts_of(child, by=officer) == {}  # what the edit replaced does not hold either


def test_the_shipped_followup_says_which_restricted_groups_its_child_is_in(officer):
    example = ROOT / "xlsforms/case_followup/examples/child_without_case.xml"
    xml = example.read_bytes()
    child = parse_instance(xml).root.findtext(".//{*}child_ref")
    receive(child_slip(child, commune_code=HERE, village_code="V000001"))
    said = b"<sc_all>04 05 10</sc_all><sc_restricted>05 10</sc_restricted>"

    receive(xml.replace(b"<sc_all>04</sc_all><sc_restricted />", said))

    assert facts_of(child, by=officer) == {"sc_restricted": "05 10"}
