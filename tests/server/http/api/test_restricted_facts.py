"""What restricted forms said of a child: in one answer, and in no other (domain.md §2.2)."""

from __future__ import annotations

import pytest

from server.actions.assigning import Duty
from server.db import db
from tests.helpers.cases import add_child
from tests.helpers.children import FOLLOWERS, publish_children
from tests.helpers.duties import PASSWORD, hashed, person, phone
from tests.helpers.facts import SECRET, publish_visits, receive_visit
from tests.helpers.people import ALICE, add_people, bearer, browser, sign_in
from tests.helpers.people import PASSWORD as ALICES
from tests.helpers.sql import list_audits

HERE, THERE, VILLAGE = "12472", "12511", "V000001"
LIST = "/v1/projects/1/datasets/child"
STAFF = {
    "officer@x.vn": Duty("commune_officer", HERE),
    "other@x.vn": Duty("commune_officer", THERE),
    "collaborator@x.vn": Duty("collaborator", HERE),
}
WHY = {"X-Action-Notes": "a visit"}


def publish_followers(folder) -> None:
    publish_children(folder, FOLLOWERS)


def add_staff(_: object) -> None:
    one_hash = hashed()
    for email, duty in STAFF.items():
        person(email, duty, password_hash=one_hash)


@pytest.fixture
def scene():
    return publish_visits, publish_followers, add_people, add_staff


@pytest.fixture
def child(app) -> str:
    found = add_child("Lan")
    receive_visit(found, next_visit="2027-01-05")
    db.session.remove()
    return found


@pytest.fixture
def ask(app, child):
    """GET as somebody, by default for a reason."""
    client = browser(app)

    def ask(email: str, path: str, headers=WHY):
        password = ALICES if email == ALICE else PASSWORD
        signed = bearer(sign_in(client, email, password))
        return client.get(f"{LIST}{path}", headers=signed | headers)

    return ask


def test_the_officer_is_told_for_a_reason_and_the_log_says_so(ask, child):
    answer = ask("officer@x.vn", f"/entities/{child}/restricted")

    fact = answer.get_json()["sc_restricted"]
    assert fact["value"] == SECRET
    assert fact["notedAt"].endswith("Z")
    [row] = list_audits("entity.read")
    assert (row.details, row.notes) == ({"restricted": True}, "a visit")


def test_without_a_reason_it_is_refused(ask, child):
    answer = ask("officer@x.vn", f"/entities/{child}/restricted", {})

    assert (answer.status_code, answer.get_json()["code"]) == (400, 400.121)
    assert list_audits("entity.read") == []


@pytest.mark.parametrize(
    ("email", "status"), [(ALICE, 403), ("collaborator@x.vn", 403), ("other@x.vn", 404)]
)
def test_nobody_else_is_told(ask, child, email, status):
    answer = ask(email, f"/entities/{child}/restricted")

    assert answer.status_code == status
    assert SECRET not in answer.text


def test_no_other_answer_has_it(ask, child):
    paths = ["", "/entities", "/entities.csv", f"/entities/{child}"]
    paths += [f"/entities/{child}/{part}" for part in ("versions", "diffs", "audits")]
    shown = {}
    for email in ("officer@x.vn", ALICE):
        ask(email, f"/entities/{child}/restricted")
        for path in paths:
            text = ask(email, path).text
            assert SECRET not in text, (email, path)
            assert "restricted" not in text, (email, path)
            shown[email, path] = text

    assert "2027-01-05" in shown["officer@x.vn", f"/entities/{child}"]


def test_that_there_was_a_visit_is_told_to_nobody_else(ask, child):
    receive_visit(child, base=2)
    db.session.remove()
    extended = WHY | {"X-Extended-Metadata": "true"}

    def told(email: str, part: str = "", headers=extended):
        return ask(email, f"/entities{part}", headers).get_json()

    blank = {"creatorId": None, "userAgent": "", "branchId": None, "trunkVersion": None}
    blank |= {"branchBaseVersion": None, "creator": None, "source": {}, "dataReceived": {}}
    for email, headers in (("collaborator@x.vn", extended), ("officer@x.vn", {})):
        versions = told(email, f"/{child}/versions", headers)
        assert [v["version"] for v in versions] == [1, 2, 3]
        assert versions[0]["source"] != {}
        for version in versions[1:]:
            assert {name: version.get(name) for name in blank} == blank
        [first] = told(email, f"/{child}/audits", headers)
        assert first["action"] == "entity.create"
        assert told(email, f"/{child}/audits?limit=1&offset=1", headers) == []
        for entity in (told(email, f"/{child}", headers), *told(email, "", headers)):
            version = entity["currentVersion"]
            assert (version["version"], version["creatorId"], version["userAgent"]) == (3, None, "")

    versions = told("officer@x.vn", f"/{child}/versions")
    assert "submission" in versions[2]["source"]
    assert versions[2]["creator"] is not None
    assert len(told("officer@x.vn", f"/{child}/audits")) == 3
    assert told("officer@x.vn", f"/{child}")["currentVersion"]["creator"] is not None


@pytest.mark.parametrize("role", ["collaborator", "commune_officer"])
def test_no_phone_has_it(app, child, role):
    token = phone("lan", HERE, role=role)
    with app.app_context():
        door = f"/v1/key/{token}/projects/1/forms/followers"
        text = app.test_client().get(f"{door}/attachments/child.csv").text

    assert child in text
    assert SECRET not in text
    assert "sc_restricted" not in text
