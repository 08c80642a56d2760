"""What becomes overdue is told to the commune's leadership: once, and nothing about anybody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from server.actions.assigning import Duty
from server.actions.due.escalating import escalate_overdue
from server.actions.due.holidays import add_holiday
from server.cli.common import operator, settings, storage
from server.db import db, transaction
from server.jobs import run_next
from server.jobs.escalating import tell_overdue
from server.jobs.surroundings import Surroundings
from server.models import Audit, Job
from tests.helpers.cases import add_child, follow_case, open_case, plan_visit, publish_register
from tests.helpers.duties import person
from tests.helpers.mail import mail_server

OWN, SISTER = "12472", "12511"
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


def told() -> list[dict]:
    db.session.rollback()
    query = select(Audit.details).where(Audit.action == "due.escalate").order_by(Audit.id)
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
