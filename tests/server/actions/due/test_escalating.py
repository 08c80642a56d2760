"""What becomes overdue is told to the commune's leadership: once, and nothing about anybody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, select

from server.actions.assigning import Duty
from server.actions.due import escalating
from server.actions.due.escalating import escalate_overdue, tell_unheard
from server.actions.due.holidays import add_holiday
from server.cli.common import operator, settings, storage
from server.db import db, transaction
from server.jobs import run_next
from server.jobs.escalating import tell_overdue
from server.jobs.surroundings import Surroundings
from server.models import Audit, DueItem, Job
from server.queries import due_items
from tests.helpers.cases import add_child, follow_case, open_case, plan_visit, publish_register
from tests.helpers.duties import person
from tests.helpers.mail import mail_server

OWN, SISTER, LEADERLESS, PROVINCE = "12472", "12511", "12322", "33"
PUBLIC = "https://phieu.example"
TET = "2026-02-13T23:30:00"
LEAD, OTHER = "lead@example.vn", "other@example.vn"


def add_staff(_: object) -> None:
    person(LEAD, Duty("commune_lead", OWN))
    person(OTHER, Duty("commune_lead", SISTER))
    person("officer@example.vn", Duty("commune_officer", OWN))


@pytest.fixture
def scene():
    return publish_register, add_staff


@pytest.fixture
def house(app):
    return app


def work(smtp_url: str) -> None:
    """Look for what is overdue, and send what that wants sent."""
    changed = replace(
        settings(), smtp_url=smtp_url, mail_from="Phiếu <phieu@phieu.example>", public_url=PUBLIC
    )
    around = Surroundings.of(changed, storage())
    tell_overdue(around)
    while run_next(around):
        db.session.remove()


def at(day: int, hour: int = 12, month: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def escalate(now: datetime) -> int:
    with transaction():
        return escalate_overdue(now=now, has_post=True, by=operator())


def tell_all() -> None:
    last = None
    while True:
        with transaction():
            last = tell_unheard(last, now=at(1, month=4), by=operator())
        if last is None:
            return


def told(action: str = "due.escalate") -> list[dict]:
    db.session.rollback()
    query = select(Audit.details).where(Audit.action == action).order_by(Audit.id)
    return list(db.session.scalars(query))


def mails() -> list[dict]:
    db.session.rollback()
    query = select(Job.arguments).where(Job.kind == "mail_overdue").order_by(Job.id)
    return list(db.session.scalars(query))


def test_the_leadership_gets_one_mail_in_numbers_and_codes(house):
    open_case("2602-1a2b3", TET, emergency="1")
    plan_visit(add_child("Zephyrine"), 1, "2026-02-19")
    with mail_server() as (address, taken):
        work(address)
        work(address)

    [mail] = taken
    said = mail.get_content()
    assert (mail["To"], mail["Subject"]) == (LEAD, "Phiếu: có 3 việc quá hạn")
    assert "biện pháp khẩn cấp (12 giờ): 1" in said
    assert "Overdue: 3" in said
    assert "2602-1a2b3" in said
    assert PUBLIC in said
    assert [word for word in ("Zephyrine", OWN, "V000001") if word in str(mail)] == []


def test_it_is_in_the_log_though_there_is_no_post(house):
    open_case("2602-1a2b3", TET, emergency="1")
    work("")

    [row] = told()
    assert row == {
        "edition": "vn-2025-07",
        "commune": OWN,
        "overdue": {"emergency": 1, "plan": 1},
        "cases": ["2602-1a2b3"],
        "told": 0,
    }
    assert mails() == []
    assert due_items.count_unheard() == 2


def test_each_thing_is_told_once_when_its_time_has_come(house):
    open_case("2602-1a2b3", TET, emergency="1")

    counts = [escalate(at(14, 4)), escalate(at(14, 5)), escalate(at(14, 6))]
    counts += [escalate(at(26, 16)), escalate(at(26, 17)), escalate(at(27))]

    assert counts == [0, 1, 0, 0, 1, 0]
    assert [row["overdue"] for row in told()] == [{"emergency": 1}, {"plan": 1}]
    assert [mail["counts"] for mail in mails()] == [{"emergency": 1}, {"plan": 1}]


def test_another_change_of_the_case_tells_nothing_again_and_another_visit_does(house):
    case = open_case("2602-1a2b3", TET)
    follow_case(case, 1, plan_approved="2026-02-16", next_visit="2026-02-17")
    assert escalate(at(18)) == 1

    follow_case(case, 2, status="monitoring")
    assert escalate(at(19)) == 0
    follow_case(case, 3, next_visit="2026-02-19")

    assert [escalate(at(19)), escalate(at(20)), escalate(at(21))] == [0, 1, 0]


def test_a_plan_that_a_holiday_makes_later_is_told_when_it_is_overdue_then(house):
    open_case("2602-1a2b3", TET)
    assert escalate(at(26, 17)) == 1

    with transaction():
        add_holiday(date(2026, 2, 26), "X", is_worked=False, by=operator())

    assert [escalate(at(27, 1)), escalate(at(27, 17)), escalate(at(28))] == [0, 1, 0]


def test_a_visit_of_a_case_and_its_child_is_one(house):
    child = add_child("Lan")
    case = open_case("2602-1a2b3", TET, plan_approved="2026-02-16", child_ref=child)
    plan_visit(child, 1, "2026-02-17")
    follow_case(case, 1, next_visit="2026-02-17")

    escalate(at(18))

    assert [mail["counts"] for mail in mails()] == [{"visit": 1}]


def test_each_commune_is_told_of_its_own(house):
    open_case("2602-1a2b3", TET)
    open_case("2602-4c5d6", TET, commune=SISTER)
    open_case("2602-7e8f9", TET, commune="00000")

    assert escalate(at(1, month=3)) == 3

    by_commune = {row["commune"]: row["cases"] for row in told()}
    assert by_commune == {OWN: ["2602-1a2b3"], SISTER: ["2602-4c5d6"], None: ["2602-7e8f9"]}
    assert [mail["cases"] for mail in mails()] == [["2602-1a2b3"], ["2602-4c5d6"]]


def test_a_name_where_a_code_should_be_goes_nowhere(house):
    case = open_case("Zephyrine", TET)
    escalate(at(1, month=3))

    said = json.dumps([told(), mails()])
    assert "Zephyrine" not in said
    assert case[:8] in said


def test_what_was_written_down_before_there_was_post_is_told_when_there_is(house):
    open_case("2602-1a2b3", TET, emergency="1")
    work("")
    with mail_server() as (address, taken):
        work(address)
        work(address)

    assert [mail["To"] for mail in taken] == [LEAD]
    assert [row["told"] for row in told()] == [0]
    assert [(row["commune"], row["told"]) for row in told("due.tell")] == [(OWN, 1)]
    assert due_items.count_unheard() == 0


def test_the_province_is_told_in_numbers_where_the_commune_has_no_leader(house):
    person("province@example.vn", Duty("province_officer", PROVINCE))
    open_case("2602-1a2b3", TET, commune=LEADERLESS)
    with mail_server() as (address, taken):
        work(address)
        work(address)

    [mail] = taken
    said = mail.get_content()
    assert mail["To"] == "province@example.vn"
    assert f"Xã có mã {LEADERLESS} chưa có ai giữ nhiệm vụ lãnh đạo xã" in said
    assert f"The commune of code {LEADERLESS} has nobody with the leadership duty" in said
    assert "2602-1a2b3" not in said
    [row] = told()
    assert (row["told"], row["to"]) == (1, "province_officer")


def test_what_nobody_can_be_told_of_is_told_when_there_is_somebody(house):
    person("manager@example.vn", Duty("manager"))
    person("boss@example.vn", Duty("admin"))
    open_case("2602-1a2b3", TET, commune=LEADERLESS)
    open_case("2602-7e8f9", TET, commune="00000")
    assert escalate(at(1, month=3)) == 2
    tell_all()
    assert (mails(), due_items.count_unheard()) == ([], 2)

    person("late@example.vn", Duty("commune_lead", LEADERLESS))
    tell_all()
    tell_all()

    assert [mail["cases"] for mail in mails()] == [["2602-1a2b3"]]
    assert due_items.count_unheard() == 1


def test_what_waits_of_one_commune_hides_no_other(house, monkeypatch):
    monkeypatch.setattr(escalating, "MOST", 2)
    for number in range(5):
        open_case(f"2602-0000{number}", TET, commune=LEADERLESS)
    open_case("2602-4c5d6", TET, commune="12391")
    while escalate(at(1, month=3)):
        pass

    person("late@example.vn", Duty("commune_lead", "12391"))
    tell_all()

    assert [mail["cases"] for mail in mails()] == [["2602-4c5d6"]]
    assert due_items.count_unheard() == 5


def test_a_change_of_the_case_leaves_it_heard_or_unheard(house):
    heard, unheard = open_case("2602-1a2b3", TET), open_case("2602-4c5d6", TET, commune=LEADERLESS)
    escalate(at(1, month=3))

    for case in (heard, unheard):
        follow_case(case, 1, status="monitoring")

    query = select(DueItem.told_at, DueItem.heard_at).order_by(DueItem.entity_id)
    (told_at, heard_at), other = db.session.execute(query).all()
    assert told_at == heard_at == other.told_at == at(1, month=3)
    assert other.heard_at is None


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_is_to_be_told_is_found_by_its_indexes(house):
    open_case("2602-1a2b3", TET, commune=LEADERLESS)
    plans = []

    def note(connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT due_items"):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append([row[3] for row in plan])

    event.listen(db.engine, "before_cursor_execute", note)
    escalate(at(1, month=3))
    tell_all()
    event.remove(db.engine, "before_cursor_execute", note)

    untold, first, after = plans
    assert "ix_due_items_untold" in untold[0]
    assert "ix_due_items_unheard" in first[0]
    assert "due_items" in after[0]
    assert not any("TEMP B-TREE" in line for plan in (first, after) for line in plan), plans
