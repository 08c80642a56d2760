"""Review states and comments over the API (central-api.md §10.2)."""

from __future__ import annotations

import re

import pytest

from server.db import db
from server.queries.actors import get_user
from server.queries.submissions import get_submission
from tests.helpers.people import ALICE, add_people, bearer, browser, sign_in
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import house
from tests.helpers.sql import list_audits

BASE = "/v1/projects/1/forms/houses/submissions"
ONE = f"{BASE}/uuid%3A1"


@pytest.fixture
def scene():
    return offer_houses, add_people


@pytest.fixture
def ask(app, submit):
    """Requests of alice, after one slip."""
    submit(house("uuid:1"))
    client = browser(app)
    signed = bearer(sign_in(client))

    def send(method: str, path: str = ONE, *, body: object = None, **headers: str):
        options = {"json": body} if body is not None else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(path, method=method, headers=signed | more, **options)

    return send


@pytest.mark.parametrize("state", ["hasIssues", "edited", "rejected", "approved", None])
def test_a_state_is_set_and_answered_with_every_key(ask, state):
    ask("PATCH", body={"reviewState": "hasIssues"})
    answer = ask("PATCH", body={"reviewState": state, "unknown": 1})

    told = answer.get_json()
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert answer.status_code == 200
    assert re.fullmatch(stamp, told.pop("createdAt"))
    assert re.fullmatch(stamp, told.pop("updatedAt"))
    assert isinstance(told.pop("submitterId"), int)
    assert told == {
        "instanceId": "uuid:1",
        "deviceId": "collect:0000000000000000",
        "reviewState": state,
        "deletedAt": None,
    }


@pytest.mark.parametrize("bad", ["received", "Approved", "", 3, [], {}])
def test_a_bad_state_is_refused_as_central_does(ask, bad):
    answer = ask("PATCH", body={"reviewState": bad})

    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (400, 400.8)
    assert told["details"]["field"] == "state"
    assert set(told["details"]) == {"field", "value", "reason"}


def test_a_body_without_a_state_is_refused(ask):
    assert ask("PATCH", body={}).get_json()["code"] == 400.2


def test_the_log_has_the_state_and_the_note(ask):
    ask("PATCH", body={"reviewState": "approved"}, X_Action_Notes="g%E1%BB%8Di")

    [row] = list_audits("submission.update")
    assert (row.details["reviewState"], row.notes) == ("approved", "gọi")
    assert row.actor_id == get_user(ALICE).actor_id


def test_comments_are_said_and_listed_newest_first(ask):
    assert ask("GET", f"{ONE}/comments").get_json() == []
    said = ask("POST", f"{ONE}/comments", body={"body": " một "})
    ask("POST", f"{ONE}/comments", body={"body": "hai"})

    listed = ask("GET", f"{ONE}/comments").get_json()
    assert said.status_code == 200
    assert set(said.get_json()) == {"body", "actorId", "createdAt"}
    assert [comment["body"] for comment in listed] == ["hai", "một"]
    assert listed[1] == said.get_json()
    assert len(list_audits("submission.comment.create")) == 2
    assert len(list_audits("submission.read")) == 1


def test_extended_metadata_names_who_said_it(ask):
    said = ask("POST", f"{ONE}/comments", body={"body": "một"}, X_Extended_Metadata="true")
    [listed] = ask("GET", f"{ONE}/comments", X_Extended_Metadata="TRUE").get_json()

    actor = said.get_json()["actor"]
    assert listed["actor"] == actor
    assert (actor["type"], actor["displayName"], actor["deletedAt"]) == ("user", ALICE, None)
    assert set(actor) == {"id", "type", "displayName", "createdAt", "updatedAt", "deletedAt"}


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, 400.2), ({"body": ""}, 400.2), ({"body": " "}, 400.2), ({"body": 1}, 400.11)],
)
def test_a_comment_has_words(ask, body, code):
    assert ask("POST", f"{ONE}/comments", body=body).get_json()["code"] == code


def test_a_comment_that_is_too_long_is_refused(ask):
    answer = ask("POST", f"{ONE}/comments", body={"body": "x" * 10_001}).get_json()

    assert answer["code"] == 400.13


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/uuid%3A9",
        "/v1/projects/1/forms/children/submissions/uuid%3A1",
        "/v1/projects/2/forms/houses/submissions/uuid%3A1",
    ],
)
def test_what_is_not_there_is_404(ask, path):
    for answer in (
        ask("PATCH", path, body={"reviewState": "approved"}),
        ask("GET", f"{path}/comments"),
        ask("POST", f"{path}/comments", body={"body": "x"}),
    ):
        assert answer.get_json()["code"] == 404.1


def test_the_id_of_an_edit_is_no_address(ask, submit):
    submit(house("uuid:2").replace(b"<meta>", b"<meta><deprecatedID>uuid:1</deprecatedID>"))

    assert ask("PATCH", f"{BASE}/uuid%3A2", body={"reviewState": "approved"}).status_code == 404
    assert ask("PATCH", body={"reviewState": "approved"}).status_code == 200


def test_nobody_and_phones_change_nothing(app, ask, token):
    client = browser(app)
    for query, status in (("", 401), (f"?st={token}", 404)):
        answer = client.patch(f"{ONE}{query}", json={"reviewState": "approved"})
        said = client.post(f"{ONE}/comments{query}", json={"body": "x"})
        assert (answer.status_code, said.status_code) == (status, status)

    db.session.rollback()
    with app.app_context():
        assert get_submission("uuid:1")[0].review_state.value == "received"
