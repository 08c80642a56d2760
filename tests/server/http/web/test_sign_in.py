"""Pages to sign in, to sign out and to choose a password; they work without JavaScript."""

from __future__ import annotations

import re

import pytest

from server.actions import passwords
from server.actions.people import add_user, disable_user
from server.cli.common import operator, today
from server.db import transaction
from server.queries.actors import get_user
from server.queries.projects import get_project
from tests.helpers.people import (
    ALICE,
    HTTP,
    HTTPS,
    PASSWORD,
    add_people,
    browser,
    csrf_of,
    enter,
    sign_in,
)

NEW = "bốn cây cầu gỗ"


@pytest.fixture
def scene():
    return (add_people,)


@pytest.fixture
def visitor(app):
    return browser(app)


def reset_path() -> str:
    with transaction():
        _, token = passwords.make_reset_link(ALICE, project=get_project(), by=operator())
    return f"/reset/{token}"


@pytest.mark.parametrize(("site", "cookie"), [(HTTPS, "__Host-session"), (HTTP, "session")])
def test_a_person_signs_in_sees_the_name_and_signs_out(visitor, site, cookie):
    before = visitor.get("/", base_url=site)
    entered = enter(visitor, base_url=site)
    inside = visitor.get("/", base_url=site)
    left = visitor.post("/logout", data={"__csrf": csrf_of(inside)}, base_url=site)
    after = visitor.get("/", base_url=site)

    assert 'href="/login"' in before.text
    assert (entered.status_code, entered.headers["Location"]) == (303, "/")
    assert entered.headers["Set-Cookie"].startswith(f"{cookie}=")
    assert ("Secure" in entered.headers["Set-Cookie"]) is (site == HTTPS)
    assert ALICE in inside.text
    assert "Sign out" in inside.text
    assert left.status_code == 303
    assert ALICE not in after.text


def test_pages_run_nothing_and_send_no_address_along(visitor):
    for path in ("/", "/login", "/nothing", reset_path()):
        page = visitor.get(path)

        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script|<style| style=| on\w+=", page.text)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/forms/1?a=b", "/forms/1?a=b"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nX: y", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_after_the_sign_in_one_goes_to_a_path_of_this_server_only(visitor, wanted, given):
    page = visitor.get("/login", query_string={"next": wanted})
    data = {"__csrf": csrf_of(page), "email": ALICE, "password": PASSWORD, "next": wanted}

    entered = visitor.post("/login", data=data)

    assert entered.headers["Location"] == given


def test_a_form_that_is_not_from_here_signs_nobody_in_or_out(visitor):
    data = {"email": ALICE, "password": PASSWORD}
    blind = visitor.post("/login", data=data)
    visitor.get("/login")
    forged = visitor.post("/login", data=data | {"__csrf": "0" * 64})
    enter(visitor)
    out = visitor.post("/logout", data={"__csrf": "0" * 64})

    assert (blind.status_code, forged.status_code, out.status_code) == (400, 400, 400)
    assert "open for too long" in blind.text
    assert 'name="email"' in blind.text
    assert ALICE in visitor.get("/").text


def test_wrong_passwords_look_alike_and_are_slowed(visitor):
    answers = [enter(visitor, ALICE, "wrong-guess") for _ in range(11)]
    unknown = [enter(visitor, "nobody@phieu.example", "wrong-guess") for _ in range(11)]

    assert [a.status_code for a in answers] == [401] * 10 + [429]
    assert [a.status_code for a in unknown] == [401] * 10 + [429]
    assert answers[0].text.replace(ALICE, "") == unknown[0].text.replace("nobody@phieu.example", "")
    assert "wrong-guess" not in answers[0].text
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_one_time_password_leads_to_one_of_ones_own(visitor):
    with transaction():
        new = add_user(
            "mai@phieu.example",
            role="viewer",
            password=None,
            unit_code=None,
            project=get_project(),
            on=today(),
            by=operator(),
        )
    given = new.one_time_password
    enter(visitor, "mai@phieu.example", given)
    sent_on = visitor.get("/")
    page = visitor.get("/password")
    data = {"__csrf": csrf_of(page), "old": given, "new": given[:9]}
    refused = visitor.post("/password", data=data)
    changed = visitor.post("/password", data=data | {"new": NEW})

    assert sent_on.headers["Location"] == "/password"
    assert "for the first sign-in only" in page.text
    assert refused.status_code == 400
    assert "at least 10 characters" in refused.text
    assert changed.headers["Location"] == "/"
    assert "Sign out" in visitor.get("/").text
    assert get_user("mai@phieu.example").must_change_password is False


def test_a_one_time_link_is_used_on_its_page_once(visitor):
    path = reset_path()
    page = visitor.get(path)
    weak = visitor.post(path, data={"__csrf": csrf_of(page), "new": "password123"})
    used = visitor.post(path, data={"__csrf": csrf_of(page), "new": NEW})
    again = visitor.get(path)

    assert ALICE in page.text
    assert weak.status_code == 400
    assert used.headers["Location"] == "/login"
    assert again.status_code == 404
    assert "has been used or is over" in again.text
    sign_in(visitor, password=NEW)


def test_a_guesser_of_links_is_slowed_and_the_right_link_is_not(visitor):
    path = reset_path()
    statuses = [visitor.get(f"/reset/{i:064}").status_code for i in range(12)]

    assert statuses == [404] * 10 + [429] * 2
    assert visitor.get(path).status_code == 200


def test_a_session_that_has_ended_is_forgotten_by_the_browser_and_is_no_guess(visitor):
    enter(visitor)
    with transaction():
        disable_user(ALICE, by=operator(), project=get_project())

    statuses = [visitor.get("/").status_code for _ in range(15)]

    assert set(statuses) == {200}
    assert ALICE not in visitor.get("/").text


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_pages_are_vietnamese_where_nobody_says_otherwise(installation):
    installation.extra["PHIEU_LANG"] = "vi"
    page = browser(installation.create_app()).get("/login")

    assert '<html lang="vi">' in page.text
    assert "Đăng nhập" in page.text
