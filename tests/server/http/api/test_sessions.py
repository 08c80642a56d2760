"""/v1/sessions and the credentials that every address below /v1 takes (central-api.md §3)."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest

from server.actions.people import add_app_user, disable_user
from server.cli.common import operator, settings, today
from server.db import db, transaction, utc_now
from server.jobs.forgetting import forget_expired
from server.models import Session
from server.queries.actors import get_user
from server.queries.projects import get_project
from tests.helpers.people import (
    ALICE,
    BOSS,
    BOSS_PASSWORD,
    HTTP,
    PASSWORD,
    add_people,
    bearer,
    browser,
    forget_cookies,
    sign_in,
)
from tests.helpers.sql import list_audits

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
ME = "/v1/users/current"


@pytest.fixture
def scene():
    return (add_people,)


@pytest.fixture
def client(app):
    return browser(app)


def basic(email: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{email}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def test_a_session_is_opened_asked_for_and_ended_as_central_does(client):
    made = client.post(
        "/v1/sessions",
        json={"email": ALICE.upper(), "password": PASSWORD},
        headers={"User-Agent": "pyodk/1.3"},
    )
    session = made.get_json()
    cookies = made.headers.getlist("Set-Cookie")
    restored = client.get("/v1/sessions/restore", headers=bearer(session))
    ended = client.delete("/v1/sessions/current", headers=bearer(session))
    after = client.get(ME, headers=bearer(session))

    assert set(session) == {"token", "csrf", "expiresAt", "createdAt"}
    assert re.fullmatch(r"[A-Za-z0-9!$]{64}", session["token"])
    assert re.fullmatch(STAMP, session["expiresAt"])
    assert made.headers["Content-Type"] == "application/json; charset=utf-8"
    assert (made.headers["Cache-Control"], made.headers["Vary"]) == ("no-store", "*")
    assert cookies[0].startswith(f"__Host-session={session['token']}; Expires=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookies[0].split("; "))
    assert "HttpOnly" not in cookies[1]
    assert set(restored.get_json()) == {"createdAt", "expiresAt"}
    assert ended.get_json() == {"success": True}
    assert after.get_json()["code"] == 401.2
    [audit] = list_audits("user.session.create")
    assert audit.details == {"userAgent": "pyodk/1.3"}
    assert get_user(ALICE).last_login_at is not None


def test_each_kind_of_credentials_opens_and_the_first_that_is_there_decides(client):
    session = sign_in(client)
    https = client.get(ME, headers=basic(ALICE, PASSWORD))
    http = client.get(ME, headers=basic(ALICE, PASSWORD), base_url=HTTP)
    over_http = client.get(ME, headers=bearer(session), base_url=HTTP)
    wrong = client.get(f"{ME}?st={'x' * 64}", headers=bearer(session))
    malformed = client.get(f"{ME}?st=short", headers=bearer(session))
    other = client.get(ME, headers={"Authorization": "Digest x"})
    nothing = client.get(ME)

    assert https.get_json()["email"] == ALICE
    assert http.get_json()["code"] == 401.3
    assert over_http.status_code == 200
    assert wrong.get_json()["code"] == 403.1
    assert malformed.get_json()["code"] == 401.2
    assert other.get_json()["code"] == 401.2
    assert nothing.get_json()["code"] == 401.2
    assert "WWW-Authenticate" not in nothing.headers


def test_a_cookie_is_taken_over_https_and_posts_show_that_they_are_from_here(client):
    session = client.post("/v1/sessions", json={"email": BOSS, "password": BOSS_PASSWORD})
    csrf = session.get_json()["csrf"]
    ask = "/v1/users/reset/initiate?invalidate=true"
    body = {"email": ALICE}

    read = client.get(ME)
    bare = client.post(ask, json=body)
    wrong = client.post(ask, json=body | {"__csrf": "x" * 64})
    own = client.post(ask, json=body | {"__csrf": csrf})
    script = client.post(ask, json=body, headers={"X-Requested-With": "XMLHttpRequest"})

    assert read.get_json()["email"] == BOSS
    assert (bare.status_code, wrong.status_code) == (401, 401)
    assert (own.status_code, script.status_code) == (200, 200)
    assert (
        client.delete("/v1/sessions/current")
        .headers.getlist("Set-Cookie")[0]
        .startswith("__Host-session=null; Expires=Thu, 01 Jan 1970")
    )


def test_a_cookie_over_plain_http_is_401_3(client):
    made = client.post("/v1/sessions", json={"email": ALICE, "password": PASSWORD}, base_url=HTTP)

    assert made.headers.getlist("Set-Cookie")[0].startswith("session=")
    assert client.get(ME, base_url=HTTP).get_json()["code"] == 401.3


def test_without_a_session_there_is_none_to_restore_or_to_end(client):
    restored = client.get("/v1/sessions/restore", headers=basic(ALICE, PASSWORD))
    ended = client.delete("/v1/sessions/current", headers=basic(ALICE, PASSWORD))

    assert (restored.get_json()["code"], ended.get_json()["code"]) == (404.1, 404.1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": ALICE}, 400.3),
        ({"email": "", "password": ""}, 400.3),
        ({}, 400.3),
        ({"email": 7, "password": PASSWORD}, 400.11),
        ({"email": ALICE, "password": "wrong-password"}, 401.2),
        ({"email": "nobody@phieu.example", "password": PASSWORD}, 401.2),
        ({"email": "a\0b", "password": PASSWORD}, 401.2),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_opens_no_session(client, body, code):
    refused = client.post("/v1/sessions", json=body)

    assert refused.get_json()["code"] == code
    assert PASSWORD not in refused.text
    assert "Set-Cookie" not in refused.headers


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_bodies_that_are_no_json_are_refused_by_their_codes(client):
    def code(data: bytes, content_type: str = "application/json", **headers: str) -> float:
        answer = client.post("/v1/sessions", data=data, content_type=content_type, headers=headers)
        return answer.get_json()["code"]

    assert code(b"{") == 400.1
    assert code(rb'{"email": "a", "password": "\ud800"}') == 400.1
    assert code(b"[" * 100_000) == 400.1
    assert code(b"[]") == 400.11
    assert code(b"{}", "text/plain") == 400.6
    assert code(b'"' + b"x" * 250_000) == 400.36
    assert code(b"{}", **{"Content-Encoding": "br"}) == 400.37
    assert (
        client.get(ME, headers={"X-Action-Notes": "%ff", **bearer(sign_in(client))}).get_json()[
            "code"
        ]
        == 400.6
    )


def test_a_session_ends_after_a_day_and_its_row_within_the_hour(client):
    session, other = sign_in(client), sign_in(client)
    with transaction():
        [row, _] = db.session.query(Session).order_by(Session.created_at)
        assert row.expires_at - row.created_at == timedelta(hours=24)
        row.expires_at = utc_now()

    over = client.get(ME, headers=bearer(session))
    forget_expired(None)

    assert over.get_json()["code"] == 401.2
    assert db.session.query(Session).count() == 1
    assert client.get(ME, headers=bearer(other)).status_code == 200


def test_disabling_an_account_ends_its_sessions_at_once(client):
    session = sign_in(client)
    with transaction():
        disable_user(ALICE, by=operator(), project=get_project())

    assert client.get(ME, headers=bearer(session)).status_code == 401
    assert db.session.query(Session).count() == 0


def test_who_may_ends_another_ones_way_in_and_who_may_not_is_told_nothing(client):
    alice, boss = sign_in(client), sign_in(client, BOSS, BOSS_PASSWORD)
    with transaction():
        _, phone = add_app_user(
            "bob",
            project=get_project(),
            form_ids=(),
            unit_codes=(),
            on=today(),
            secret_key=settings().secret_key,
            by=operator(),
        )
    door = f"/v1/key/{phone}/projects/1/formList"

    def end(token: str, by: dict) -> float:
        answer = client.delete(f"/v1/sessions/{token}", headers=bearer(by)).get_json()
        return answer.get("code", 200)

    before = client.get(door).status_code
    assert end(boss["token"], alice) == 403.1
    assert end("x" * 64, boss) == 403.1
    assert end(phone, alice) == 200
    assert end(alice["token"], boss) == 200
    assert before == 200
    assert client.get(door).status_code == 403
    assert client.get(ME, headers=bearer(alice)).status_code == 401
    assert list_audits("user.session.end")


def test_a_note_on_why_is_kept_with_what_was_done(client):
    session = sign_in(client)
    headers = bearer(session) | {"X-Action-Notes": "%C4%91%E1%BB%95i%20m%C3%A1y"}

    client.put(
        f"/v1/users/{get_user(ALICE).actor_id}/password",
        json={"old": PASSWORD, "new": "bốn cây cầu gỗ"},
        headers=headers,
    )

    assert [audit.notes for audit in list_audits("user.update")] == ["đổi máy"]


@pytest.mark.parametrize("way", ["bearer", "cookie", "st", "reset"])
def test_a_guesser_of_tokens_is_slowed_and_who_knows_one_is_not(client, way):
    known = sign_in(client)

    def guess(number: int):
        token = f"{number:064}"
        if way == "st":
            return client.get(f"{ME}?st={token}")
        if way == "reset":
            headers = {"Authorization": f"Bearer {token}"}
            return client.post("/v1/users/reset/verify", json={"new": "x"}, headers=headers)
        if way == "bearer":
            return client.get(ME, headers={"Authorization": f"Bearer {token}"})
        forget_cookies(client)
        client.set_cookie("__Host-session", token, domain="phieu.example")
        return client.get(ME)

    answers = [guess(number) for number in range(12)]
    forget_cookies(client)

    assert [answer.status_code for answer in answers[-2:]] == [429, 429]
    assert answers[-1].get_json()["code"] == 429.101
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert 429 not in {answer.status_code for answer in answers[:10]}
    assert client.get(ME, headers=bearer(known)).status_code == 200


def test_routing_refusals_below_v1_are_json_but_for_phones(client):
    unknown, method = client.get("/v1/nothing"), client.patch("/v1/sessions")
    phone, page = client.get("/v1/projects/1/x/formList"), client.get("/nothing")

    assert unknown.get_json()["code"] == 404.1
    assert method.get_json()["code"] == 404.1
    assert "<OpenRosaResponse" in phone.text
    assert page.status_code == 404
    assert page.mimetype == "text/html"
