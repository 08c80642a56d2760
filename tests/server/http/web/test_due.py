"""/due: what a person who is signed in reads of what is due, on a page without scripts."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from server.actions.assigning import Duty
from server.db import db
from server.models import Audit
from tests.helpers.cases import add_child, open_case, plan_visit, publish_register
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.people import browser, csrf_of, enter

OFFICER, OTHER, CHELSEA = "officer@example.vn", "other@example.vn", "chelsea@example.vn"
CASE, NAME = "2602-1a2b3", "Zephyrine"
REASON = "the morning's round"


@pytest.fixture
def house(app, tmp_path):
    publish_register(tmp_path)
    duties = {OFFICER: Duty("commune_officer", "12472"), OTHER: Duty("commune_officer", "12511")}
    for email, duty in duties.items():
        person(email, duty, password_hash=hashed())
    person(CHELSEA, password_hash=hashed())
    open_case(CASE, "2026-02-13T23:30:00", emergency="1")
    plan_visit(add_child(NAME), 1, "2026-02-19")
    db.session.remove()
    return app


@pytest.fixture
def visitor(house):
    return entered(house)


def entered(app, email: str = OFFICER):
    client = browser(app)
    assert enter(client, email, PASSWORD).status_code == 303
    return client


def with_reason(client, **asked: str):
    data = {"__csrf": csrf_of(client.get("/due")), "reason": REASON, **asked}
    return client.post("/due", data=data)


def test_without_a_reason_only_what_needs_none_is_shown_and_why(visitor):
    page = visitor.get("/due")

    assert page.status_code == 200
    assert NAME in page.text
    assert CASE not in page.text
    assert "cases are shown for a reason" in page.text
    assert 'href="/due"' in visitor.get("/").text


def test_with_a_reason_which_is_logged_cases_are_shown_by_code_first_what_is_late_longest(visitor):
    page = with_reason(visitor)

    order = [page.text.index(words) for words in ("<b>2602-1a2b3", f"<b>{NAME}")]
    assert order == sorted(order)
    assert re.search(r"late by \d+ d", page.text)
    assert "14/02/2026" in page.text
    db.session.rollback()
    query = select(Audit.notes).where(Audit.action == "entity.due.read")
    assert set(db.session.scalars(query)) == {REASON}


def test_no_reason_and_no_name_is_in_an_address_of_the_page(visitor):
    page = with_reason(visitor)

    addresses = re.findall(r'(?:href|action)="([^"]*)"', page.text)
    assert not [a for a in addresses if "reason" in a or "morning" in a or NAME in a]
    assert 'method="get"' not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style| style=| on\w+=", page.text)


def test_filters_narrow_the_list_and_stay_chosen(visitor):
    cases = with_reason(visitor, list="case", overdue="1")
    nowhere = visitor.get("/due?unit=12511")
    no_unit = visitor.get("/due?unit=99999")
    [own] = re.findall(r'<option value="(\d+)">officer@', visitor.get("/due").text)
    of_me = visitor.get(f"/due?responsible={own}")
    of_none = visitor.get("/due?responsible=1")

    assert (CASE in cases.text, NAME in cases.text) == (True, False)
    assert '<option value="case" selected>' in cases.text
    assert "checked" in cases.text
    assert "Cases apart, there is nothing." in nowhere.text
    assert (no_unit.status_code, "There is no unit 99999" in no_unit.text) == (404, True)
    assert (NAME in of_me.text, NAME in of_none.text) == (True, False)


@pytest.mark.parametrize("query", ["page=x", "page=99999999999", "list=x", "responsible=a", "q=1"])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_the_form_does_not_send_does_no_harm(visitor, query):
    assert visitor.get(f"/due?{query}").status_code == 200


def test_one_page_after_the_other(visitor, monkeypatch):
    monkeypatch.setattr("server.http.web.due._PAGE", 2)
    first, last = with_reason(visitor), with_reason(visitor, page="2")

    assert "Next page" in first.text
    assert "Previous page" in last.text
    assert "Next page" not in last.text
    shown = [re.findall(r"<b>([^<]+)</b>", page.text) for page in (first, last)]
    assert [len(labels) for labels in shown] == [2, 1]


def test_nobody_else_is_shown_anything(house):
    assert browser(house).get("/due").headers["Location"] == "/login?next=%2Fdue"
    assert browser(house).post("/due").headers["Location"] == "/login?next=%2Fdue"
    chelsea, other = entered(house, CHELSEA), entered(house, OTHER)
    assert chelsea.get("/due").status_code == 403
    page = with_reason(other)
    assert "There is nothing." in page.text
    forged = other.post("/due", data={"__csrf": "0" * 64, "reason": "x"})
    assert (forged.status_code, "open for too long" in forged.text) == (400, True)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_it_is_vietnamese_where_nobody_says_otherwise(installation, tmp_path):
    installation.extra["PHIEU_LANG"] = "vi"
    app = installation.create_app()
    with app.app_context():
        publish_register(tmp_path)
        person(OFFICER, Duty("commune_officer", "12472"), password_hash=hashed())
        open_case(CASE, "2026-02-13T23:30:00")
    page = with_reason(entered(app))

    assert "Việc đến hạn" in page.text
    assert "Kế hoạch hỗ trợ, can thiệp (5 ngày làm việc)" in page.text
    assert re.search(r"quá hạn \d+ ngày", page.text)
