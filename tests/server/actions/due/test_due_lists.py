"""What is due is listed to whom the gate lets see it, and is as the entities are."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import delete, event, select

from server.actions.assigning import Duty
from server.actions.due import persons
from server.actions.due.holidays import add_holiday, import_holidays, remove_holiday
from server.actions.due.keeping import rebuild_due
from server.actions.due.listing import Question, list_due
from server.actions.entities.changing import (
    Edit,
    NewEntity,
    Origin,
    create_entities,
    delete_entity,
    restore_entity,
    update_entity,
)
from server.actions.entities.erasing import erase_made
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities, split_entity
from server.actions.unit_importing import import_units
from server.cli.common import operator, settings, today
from server.db import db, transaction
from server.errors import NotAllowed, NotFound, ReasonNeeded, UnitFileRefused, ValueNotAllowed
from server.models import Actor, Audit, DueItem, DueKind, EntityVersion
from server.queries import actors
from tests.helpers.cases import (
    COMMUNE,
    VILLAGE,
    add_child,
    follow_case,
    open_case,
    plan_visit,
    publish_register,
)
from tests.helpers.duties import asks, person, phone, receive
from tests.helpers.slips import ROOT

SISTER, PROVINCE = "12511", "33"
NOW = datetime(2026, 2, 20, 1, 0, tzinfo=UTC)
ORIGIN = Origin("test")
TET = "2026-02-13T23:30:00"
VILLAGES = f"code,name,commune_code,legacy_commune_code\n{VILLAGE},Thôn Một,{COMMUNE},{COMMUNE}\n"


def add_village(_: object) -> None:
    with transaction():
        import_units([("v.csv", VILLAGES.encode())], on=today(), by=operator())


@pytest.fixture
def scene():
    return publish_register, add_village


@pytest.fixture
def house(app):
    return app


@pytest.fixture
def officer(house):
    return who("commune_officer")


def who(role: str, unit: str | None = COMMUNE, reason: str = "test"):
    email = f"{role}-{unit}@example.vn"
    known = actors.find_living_user(email)
    actor = known.actor if known is not None else person(email, Duty(role, unit))
    return asks(actor, today(), reason)


def listed(by, now: datetime = NOW, **question):
    db.session.rollback()
    return list_due(Question(**question), project_id=1, now=now, by=by)


def shown(by, now: datetime = NOW, **question) -> list[tuple[str, str]]:
    return [(entry.kind.value, entry.label) for entry in listed(by, now, **question)]


def test_the_clocks_of_a_case_until_they_are_met(officer):
    case = open_case("2602-1a2b3", TET, emergency="1")
    assert shown(officer) == [("emergency", "2602-1a2b3"), ("plan", "2602-1a2b3")]

    follow_case(case, 1, plan_approved="2026-02-20", next_visit="2026-02-19")
    assert shown(officer) == [("visit", "2602-1a2b3")]
    follow_case(case, 2, status="closed", next_visit="")

    assert shown(officer) == []
    assert db.session.scalars(select(DueItem)).all() == []


def test_what_an_entry_says(officer):
    case = open_case("2602-1a2b3", TET, emergency="1")

    emergency, plan = listed(officer)

    assert emergency.due_at == datetime(2026, 2, 14, 4, 30, tzinfo=UTC)
    assert emergency.overdue_by == NOW - emergency.due_at
    assert (emergency.uuid, emergency.case_code) == (case, "2602-1a2b3")
    assert (emergency.unit_code, emergency.list_name) == (COMMUNE, "case")
    assert [name for _, name in emergency.responsible] == ["commune_officer-12472@example.vn"]
    assert plan.due_at == datetime(2026, 2, 26, 16, 30, tzinfo=UTC)
    assert plan.overdue_by is None


def test_only_what_is_overdue_and_as_of_another_day(officer):
    open_case("2602-1a2b3", TET, emergency="1")
    case = open_case("2602-9z9z9", TET, plan_approved="2026-02-14")
    follow_case(case, 1, next_visit="2026-03-02")

    assert shown(officer, is_overdue=True) == [("emergency", "2602-1a2b3")]
    end_of_february = shown(officer, on=date(2026, 2, 28), is_overdue=True)
    assert end_of_february == [("emergency", "2602-1a2b3"), ("plan", "2602-1a2b3")]
    assert ("visit", "2602-9z9z9") not in shown(officer, on=date(2026, 3, 1))
    assert ("visit", "2602-9z9z9") in shown(officer, on=date(2026, 3, 2))


def test_a_child_is_visited_by_the_collaborators_of_the_village(officer):
    hoa = phone("Hoa", VILLAGE, role="collaborator")
    plan_visit(add_child("Lan"), 1, "2026-02-19")

    [entry] = listed(officer)

    assert hoa
    assert (entry.kind, entry.unit_code, entry.case_code) == (DueKind.VISIT, VILLAGE, None)
    assert [name for _, name in entry.responsible] == ["Hoa"]


@pytest.mark.parametrize("scene", [()])
def test_what_only_case_forms_say_of_a_child_is_case_work(app, tmp_path):
    publish_register(tmp_path, visits_are="case")
    plan_visit(add_child("Lan"), 1, "2026-02-19")
    officer, silent = who("commune_officer"), who("commune_officer", reason="")

    [entry] = listed(officer)

    assert [name for _, name in entry.responsible] == ["commune_officer-12472@example.vn"]
    assert shown(who("commune_lead")) == [("visit", "Lan")]
    with pytest.raises(ReasonNeeded):
        listed(silent, list_name="child")
    for caller in (who("collaborator"), operator("test"), who("viewer", None)):
        with pytest.raises(NotAllowed):
            listed(caller, list_name="child")


def test_nobody_sees_what_the_gate_does_not_show(house):
    open_case("2602-1a2b3", TET, emergency="1")
    plan_visit(add_child("Lan"), 1, "2026-02-19")
    children, both = (
        {("visit", "Lan")},
        {
            ("visit", "Lan"),
            ("emergency", "2602-1a2b3"),
            ("plan", "2602-1a2b3"),
        },
    )
    sees = {
        "collaborator": children,
        "commune_officer": both,
        "commune_lead": both,
        "viewer": children,
        "manager": children,
    }
    blind = {"formfill": COMMUNE, "province_officer": PROVINCE, "sysadmin": None, "dpo": None}

    assert {role: set(shown(who(role))) for role in sees} == sees
    assert shown(operator("test")) == [("visit", "Lan")]
    for role in sees:
        assert shown(who(role, SISTER)) == [], role
    for role, unit in blind.items():
        with pytest.raises(NotAllowed):
            listed(who(role, unit))


def test_cases_are_shown_for_a_reason_which_is_in_the_access_log(officer):
    open_case("2602-1a2b3", TET)
    with pytest.raises(ReasonNeeded):
        listed(who("commune_lead", reason=""))
    listed(who("commune_lead", reason="the morning's round"))
    assert shown(who("commune_lead", reason=""), list_name="child") == []

    db.session.rollback()
    query = select(Audit.notes).where(Audit.action == "entity.due.read")
    assert list(db.session.scalars(query)) == ["the morning's round"]


def test_of_a_unit_and_all_below_it(officer):
    everywhere = who("commune_officer", PROVINCE)
    open_case("2602-1a2b3", TET)
    open_case("2602-4c5d6", TET, commune=SISTER)

    assert len(shown(everywhere)) == 2
    assert shown(everywhere, unit_code=SISTER) == [("plan", "2602-4c5d6")]
    assert len(shown(everywhere, unit_code=PROVINCE)) == 2
    assert shown(officer, unit_code=SISTER) == []
    with pytest.raises(NotFound):
        shown(officer, unit_code="99999")


def test_pages_are_in_order_and_none_is_twice(officer):
    for number in range(5):
        open_case(f"2602-0000{number}", f"2026-02-0{number + 1}T08:00:00")

    pages = [shown(officer, limit=2, offset=offset) for offset in (0, 2, 4)]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row for page in pages for row in page] == shown(officer)


def test_a_report_of_the_shipped_form_that_says_when_measures_were_taken(officer):
    report = (ROOT / "xlsforms/abuse_report/examples/emergency.xml").read_bytes()
    receive(report)
    receive(re.sub(rb"<emergency_at>[^<]*<", b"<emergency_at><", as_another(report)))

    kinds = [entry.kind.value for entry in listed(operator("test"), list_name="child")]
    assert kinds == []
    assert db.session.scalars(
        select(DueItem.kind).order_by(DueItem.entity_id, DueItem.kind)
    ).all() == [
        DueKind.PLAN,
        *(DueKind.EMERGENCY, DueKind.PLAN),
    ]


def as_another(report: bytes) -> bytes:
    """The same answers, of another case."""
    made = re.search(rb'<entity [^>]*id="([^"]+)"', report)[1]
    sent = re.search(rb"<instanceID>([^<]+)<", report)[1]
    other = str(uuid4()).encode()
    return report.replace(made, other).replace(sent, b"uuid:" + other)


def test_what_staff_and_programs_change_is_kept_too(house):
    facts, by = get_list(None, 1, "child"), operator("test")
    place = {"commune_code": COMMUNE, "village_code": VILLAGE, "status": "1"}

    def change(do, *arguments):
        with transaction():
            do(facts, *arguments, by=by)
        return shown(by)

    new = NewEntity(str(uuid4()), "Lan", {**place, "next_visit": "2026-02-19"})
    other = NewEntity(str(uuid4()), "Lan", place)
    assert change(create_entities, [new, other], ORIGIN) == [("visit", "Lan")]
    assert change(delete_entity, new.uuid) == []
    assert change(restore_entity, new.uuid) == [("visit", "Lan")]
    assert change(merge_entities, other.uuid, new.uuid) == [("visit", "Lan")]
    assert [entry.uuid for entry in listed(by)] == [other.uuid]
    assert change(split_entity, new.uuid) == [("visit", "Lan")]
    assert [entry.uuid for entry in listed(by)] == [new.uuid]
    moved = Edit(data={"status": "2"}, force=True)
    assert change(update_entity, new.uuid, moved, ORIGIN) == []
    assert db.session.scalars(select(DueItem)).all() == []


def test_what_an_erased_slip_made_is_not_due(officer):
    open_case("2602-1a2b3", TET)
    submission_id = db.session.scalar(select(EntityVersion.submission_id))

    with transaction():
        erase_made(submission_id, tz=settings().tz)

    assert shown(officer) == []
    assert db.session.scalars(select(DueItem)).all() == []


def test_another_holiday_moves_the_plans_that_are_open(officer):
    open_case("2602-1a2b3", TET)
    [before] = listed(officer)

    with transaction():
        add_holiday(date(2026, 2, 16), "Nghỉ bù", is_worked=False, by=operator())
    [later] = listed(officer)
    with transaction():
        add_holiday(date(2026, 2, 21), "Làm bù", is_worked=True, by=operator())
    [worked] = listed(officer)
    with transaction():
        remove_holiday(date(2026, 2, 16), by=operator())
    [again] = listed(officer)

    days = [entry.due_at.day for entry in (before, later, worked, again)]
    assert days == [26, 27, 26, 25]


def test_a_file_of_holidays_is_taken_whole_or_not_at_all(officer):
    good = "day,name,worked\n2026-02-16,Nghỉ bù,\n2026-02-21,Làm bù,1\n"
    with transaction():
        changed = import_holidays("a.csv", good.encode(), by=operator())
    assert (changed.added, changed.changed) == (1, 1)

    for row in ("2026-02-30,X,", "2026-11-24,,", "2026-11-24,X,ja", "2026-11-24,X,1"):
        text = f"day,name,worked\n2026-11-20,Y,\n{row}\n"
        with pytest.raises(UnitFileRefused), transaction():
            import_holidays("a.csv", text.encode(), by=operator())
    with pytest.raises(ValueNotAllowed), transaction():
        add_holiday(date(2026, 11, 24), "X", is_worked=True, by=operator())


def test_all_of_it_can_be_derived_again(officer):
    open_case("2602-1a2b3", TET, emergency="1")
    plan_visit(add_child("Lan"), 1, "2026-02-19")
    before = shown(officer)
    with transaction():
        db.session.execute(delete(DueItem))

    count = rebuild_due(tz=settings().tz)

    assert count == 2
    assert shown(officer) == before
    assert len(before) == 3


def visited_twice(day: str = "2026-02-19") -> tuple[str, str]:
    """(child, case): a follow-up that is about both sets the next visit of both."""
    child = add_child("Lan")
    case = open_case("2602-1a2b3", TET, plan_approved="2026-02-14", child_ref=child)
    plan_visit(child, 1, day)
    follow_case(case, 1, next_visit=day)
    return child, case


def test_a_visit_of_a_case_and_its_child_is_listed_once(officer):
    visited_twice()

    assert shown(officer) == [("visit", "2602-1a2b3")]
    assert shown(officer, list_name="child") == [("visit", "Lan")]
    assert shown(who("collaborator")) == [("visit", "Lan")]
    assert shown(operator("test")) == [("visit", "Lan")]


def test_visits_on_different_days_or_of_another_child_are_two(officer):
    child, case = visited_twice()
    plan_visit(add_child("Minh"), 1, "2026-02-19")
    assert shown(officer) == [("visit", "2602-1a2b3"), ("visit", "Minh")]

    follow_case(case, 2, next_visit="2026-02-18")
    assert len(shown(officer)) == 3
    plan_visit(child, 2, "2026-02-18")
    assert len(shown(officer)) == 2


def test_whoever_sees_the_child_alone_sees_its_visit_there(house):
    child, _ = visited_twice()
    place = {"commune_code": SISTER, "village_code": ""}
    with transaction():
        moved = Edit(data=place, force=True)
        update_entity(get_list(None, 1, "child"), child, moved, ORIGIN, by=operator("test"))

    assert shown(who("commune_officer", SISTER)) == [("visit", "Lan")]
    assert shown(who("commune_officer")) == [("visit", "2602-1a2b3")]
    both = who("commune_officer", PROVINCE)
    assert shown(both) == [("visit", "2602-1a2b3")]
    assert shown(both, unit_code=SISTER) == [("visit", "Lan")]


def test_pages_with_visits_that_are_listed_once_are_exact(officer):
    for number in range(4):
        child = add_child(f"Lan {number}")
        case = open_case(f"2602-0000{number}", TET, plan_approved="2026-02-14", child_ref=child)
        plan_visit(child, 1, f"2026-02-1{number}")
        follow_case(case, 1, next_visit=f"2026-02-1{number}")

    pages = [shown(officer, limit=2, offset=offset) for offset in (0, 2, 4)]

    assert [len(page) for page in pages] == [2, 2, 0]
    assert [label for page in pages for _, label in page] == [f"2602-0000{n}" for n in range(4)]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_other_row_of_a_visit_is_found_by_its_index(officer):
    visited_twice()
    plans = []

    def note(connection, _cursor, statement, parameters, _context, _many):
        if "EXISTS" in statement and not statement.startswith("EXPLAIN"):
            plans.extend(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    listed(officer)
    event.remove(db.engine, "before_cursor_execute", note)

    assert any("ix_due_items_of_child" in row[3] for row in plans), plans


def named(by, actor_id: int, **question) -> list[tuple[str, str]]:
    """What the whole list has of the person: the filter must give exactly this."""
    return [
        (entry.kind.value, entry.label)
        for entry in listed(by, **question)
        if any(id_ == actor_id for id_, _ in entry.responsible)
    ]


def test_what_one_person_is_responsible_for(house):
    hoa, _ = collaborator("Hoa", VILLAGE), collaborator("Mai", COMMUNE)
    boss = who("commune_officer", PROVINCE)
    officer, sister = who("commune_officer"), who("commune_officer", SISTER)
    open_case("2602-1a2b3", TET)
    open_case("2602-4c5d6", TET, commune=SISTER)
    for name, village in (("Lan", VILLAGE), ("Minh", ""), ("An", "V999999")):
        plan_visit(add_child(name, village=village), 1, "2026-02-19")

    for actor_id in (hoa, officer.actor_id, sister.actor_id, boss.actor_id):
        assert shown(boss, responsible_id=actor_id) == named(boss, actor_id)
    assert shown(boss, responsible_id=hoa) == [("visit", "Lan")]
    assert shown(boss, responsible_id=sister.actor_id) == [("plan", "2602-4c5d6")]
    assert shown(boss, responsible_id=boss.actor_id) == []
    assert shown(officer, responsible_id=sister.actor_id) == []
    with pytest.raises(NotFound):
        shown(boss, responsible_id=999_999)


def collaborator(name: str, unit: str) -> int:
    phone(name, unit, role="collaborator")
    return db.session.scalars(select(Actor.id).where(Actor.display_name == name)).one()


def test_of_one_person_what_lies_in_a_village_but_in_no_known_commune(house):
    hoa = collaborator("Hoa", VILLAGE)
    plan_visit(add_child("Lan", commune=""), 1, "2026-02-19")

    assert shown(operator("test"), responsible_id=hoa) == [("visit", "Lan")]


def test_pages_of_one_person_are_exact_however_much_there_is_of_others(officer, monkeypatch):
    monkeypatch.setattr(persons, "_PAGE", 2)
    hoa = collaborator("Hoa", VILLAGE)
    for number in range(5):
        open_case(f"2602-0000{number}", TET)
        plan_visit(add_child(f"Lan {number}"), 1, f"2026-02-1{number}")
    child, _ = visited_twice("2026-02-13")

    pages = [shown(officer, responsible_id=hoa, limit=2, offset=at) for at in (0, 2, 4, 6)]

    assert child
    assert [label for page in pages for _, label in page] == [
        *("Lan 0", "Lan 1", "Lan 2", "Lan 3", "Lan", "Lan 4"),
    ]
    whole = [row for row in shown(officer) if row[1].startswith("2602")]
    assert shown(officer, responsible_id=officer.actor_id) == whole
