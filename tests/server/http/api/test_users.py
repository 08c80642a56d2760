"""/v1/users: who is asking, passwords (central-api.md §5)."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from server.actions import passwords, people
from server.auth import credentials
from server.cli.common import operator, today
from server.db import db, transaction, utc_now
from server.models import User
from server.queries.actors import get_user
from server.queries.projects import get_project
from tests.helpers.people import (
    ALICE,
    BOSS,
    BOSS_PASSWORD,
    PASSWORD,
    add_people,
    bearer,
    browser,
    forget_cookies,
    sign_in,
)
from tests.helpers.scenes import offer_houses
from tests.helpers.sql import list_audits, list_jobs

NEW = "bốn cây cầu gỗ"
ME = "/v1/users/current"


@pytest.fixture
def scene():
    return offer_houses, add_people


@pytest.fixture
def client(app):
    return browser(app)


def add_person(email: str) -> User:
    return people.add_user(
        email,
        role="viewer",
        password=None,
        unit_code=None,
        project=get_project(),
        on=today(),
        by=operator(),
    ).user


def reset_token(email: str = ALICE) -> dict[str, str]:
    """A one-time link's token, as a header."""
    with transaction():
        _, token = passwords.make_reset_link(email, project=get_project(), by=operator())
    return {"Authorization": f"Bearer {token}"}


def test_who_is_asking_is_told_with_every_key(client):
    session = sign_in(client)
    plain = client.get(ME, headers=bearer(session))
    more = client.get(ME, headers=bearer(session) | {"X-Extended-Metadata": "TRUE"}).get_json()
    boss = client.get(
        ME,
        headers=bearer(sign_in(client, BOSS, BOSS_PASSWORD)) | {"X-Extended-Metadata": "true"},
    ).get_json()

    user = plain.get_json()
    assert user == {
        "id": get_user(ALICE).actor_id,
        "type": "user",
        "email": ALICE,
        "displayName": ALICE,
        "lastLoginAt": user["lastLoginAt"],
        "createdAt": user["createdAt"],
        "updatedAt": None,
        "deletedAt": None,
    }
    assert plain.headers["Cache-Control"] == "private, no-cache"
    assert more["verbs"] == []
    assert more["preferences"] == {"site": {}, "projects": {}}
    assert "user.create" in boss["verbs"]


def test_a_phone_is_no_user(client, token):
    assert client.get(f"{ME}?st={token}").get_json()["code"] == 404.1
    assert client.get(f"/v1/projects/1/formList?st={token}").text.count(f"/v1/key/{token}/") > 0


def test_another_password_ends_the_other_sessions_only(client):
    here, there = sign_in(client), sign_in(client)
    address = f"/v1/users/{get_user(ALICE).actor_id}/password"

    wrong = client.put(address, json={"old": "wrong-guess", "new": NEW}, headers=bearer(here))
    right = client.put(address, json={"old": PASSWORD, "new": NEW}, headers=bearer(here))

    assert wrong.get_json()["code"] == 401.2
    assert right.get_json() == {"success": True}
    assert client.get(ME, headers=bearer(here)).status_code == 200
    assert client.get(ME, headers=bearer(there)).status_code == 401
    sign_in(client, password=NEW)


def test_nobody_changes_anothers_password(client):
    boss = bearer(sign_in(client, BOSS, BOSS_PASSWORD))
    address = f"/v1/users/{get_user(ALICE).actor_id}/password"

    refused = client.put(address, json={"old": BOSS_PASSWORD, "new": NEW}, headers=boss)

    assert refused.get_json()["code"] == 403.1


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", 400.21),
        ("x" * 73, 400.38),
        ("đ" * 37, 400.38),
        ("Password123", 400.44),
        ("Alice@Phieu.Example1", 400.44),
        ("alice12", 400.21),
        ("alice2026!", 400.44),
        ("abcabcabcabc", 400.44),
        ("............", 400.44),
        ("", 400.2),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_passwords_that_are_short_long_or_guessed_first_are_refused(client, new, code):
    headers = reset_token()

    refused = client.post("/v1/users/reset/verify", json={"new": new}, headers=headers)
    again = client.post("/v1/users/reset/verify", json={"new": NEW}, headers=headers)

    assert refused.get_json()["code"] == code
    assert again.status_code == 200


def test_a_link_sets_a_password_once_and_ends_everything_else(client):
    session, headers, other = sign_in(client), reset_token(), reset_token()
    with transaction():
        get_user(ALICE).digest_ha1 = "sealed"

    used = client.post("/v1/users/reset/verify", json={"new": NEW}, headers=headers)
    again = client.post("/v1/users/reset/verify", json={"new": NEW}, headers=headers)
    unused = client.post("/v1/users/reset/verify", json={"new": NEW}, headers=other)

    assert used.get_json() == {"success": True}
    assert (again.get_json()["code"], unused.get_json()["code"]) == (401.2, 401.2)
    assert client.get(ME, headers=bearer(session)).status_code == 401
    assert [a.details for a in list_audits("user.update")][-1] == {"data": {"password": "reset"}}
    assert get_user(ALICE).digest_ha1 is None
    sign_in(client, password=NEW)


def test_whoever_forgot_is_answered_the_same_with_and_without_an_account(client):
    answers = [
        client.post("/v1/users/reset/initiate", json={"email": email})
        for email in (ALICE, "nobody@phieu.example", "a\0b")
    ]

    made = [job for job in list_jobs() if job.kind == "mail_reset_link"]
    assert {(a.status_code, a.data) for a in answers} == {(200, answers[0].data)}
    assert [job.arguments["actor_id"] for job in made] == [get_user(ALICE).actor_id, None, None]
    assert all(ALICE not in str(job.arguments) for job in made)


def test_who_asks_for_links_all_the_time_is_slowed(client):
    def ask() -> int:
        return client.post("/v1/users/reset/initiate", json={"email": ALICE}).status_code

    assert [ask() for _ in range(12)] == [200] * 10 + [429] * 2
    sign_in(client)


def test_only_who_may_blanks_a_password(client):
    ask, body = "/v1/users/reset/initiate?invalidate=true", {"email": ALICE}
    alice = sign_in(client)

    nobody = client.post(ask, json=body)
    herself = client.post(ask, json=body, headers=bearer(alice))
    still = client.get(ME, headers=bearer(alice)).status_code
    boss = client.post(ask, json=body, headers=bearer(sign_in(client, BOSS, BOSS_PASSWORD)))

    assert (nobody.get_json()["code"], herself.get_json()["code"]) == (401.2, 403.1)
    assert still == 200
    assert boss.status_code == 200
    assert get_user(ALICE).password_hash is None
    assert client.get(ME, headers=bearer(alice)).status_code == 401


def test_an_unknown_account_costs_the_same_work_and_gets_the_same_bytes(client, monkeypatch, capfd):
    hashed = []
    is_right = credentials.passwords.is_right

    def counting(password: str, password_hash: str) -> bool:
        hashed.append(password_hash.rsplit("$", 2)[0])  # the costs, without salt and hash
        return is_right(password, password_hash)

    monkeypatch.setattr(credentials.passwords, "is_right", counting)
    blank, gone = "blank@phieu.example", "gone@phieu.example"
    add_person(blank).password_hash = None
    add_person(gone).disabled_at = utc_now()
    db.session.commit()
    answers = []
    with capture_logs() as log:
        for email in (ALICE, "nobody@phieu.example", blank, gone, "a\0b"):
            for _ in range(12):
                body = {"email": email, "password": "wrong-guess"}
                answers.append(client.post("/v1/sessions", json=body))
    forget_cookies(client)

    seen = [(a.status_code, a.data) for a in answers]
    of_alice = [status for status, _ in seen[:12]]
    assert of_alice == [401] * 10 + [429] * 2
    assert all([s for s, _ in seen[i : i + 12]] == of_alice for i in (12, 24, 36, 48))
    assert {data for status, data in seen if status == 401} == {seen[0][1]}
    assert len(hashed) == 50
    assert len(set(hashed)) == 1
    line = {"event": "sign-in failed", "source": "127.0.0.1", "log_level": "warning"}
    assert log == [line] * 50
