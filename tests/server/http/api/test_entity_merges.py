"""Duplicates and merging over our own API, as `phieu entities duplicates|merge`."""

from __future__ import annotations

import pytest

from server.actions.assigning import Duty
from tests.helpers.children import CHILDREN, new_child, publish_children
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.people import bearer, browser, sign_in
from tests.helpers.sql import list_audits

HERE, THERE = "12472", "12511"
LIST = "/v1/projects/1/datasets/child"
OFFICER, OTHER, HELPER = "officer@x.vn", "other@x.vn", "helper@x.vn"
DUTIES = {
    OFFICER: Duty("commune_officer", HERE),
    OTHER: Duty("commune_officer", THERE),
    HELPER: Duty("collaborator", HERE),
}
BORN = CHILDREN.replace("| entities |", "| | text | dob | Born | dob |\n| entities |")


def publish_born(folder) -> None:
    publish_children(folder, BORN)


def add_staff(_: object) -> None:
    one_hash = hashed()
    for email, duty in DUTIES.items():
        person(email, duty, password_hash=one_hash)


@pytest.fixture
def scene():
    return publish_born, add_staff


@pytest.fixture
def ask(app):
    client = browser(app)

    def ask(email: str, method: str, path: str, body: object = None):
        signed = bearer(sign_in(client, email, PASSWORD))
        options = {"json": body} if body is not None else {}
        return client.open(LIST + path, method=method, headers=signed, **options)

    return ask


@pytest.fixture
def twins(ask) -> list[str]:
    """One child, entered twice."""
    data = {"commune_code": HERE, "village_code": "V000001", "dob": "2016-03-04"}
    made = []
    for label, more in (("Trần Hoà", {}), ("Trần Hòa", {"status": "1"})):
        body = {"label": label, "data": data | more}
        answer = ask(OFFICER, "POST", "/entities", body)
        assert answer.status_code == 200, answer.text
        made.append(answer.get_json()["uuid"])
    return made


def test_one_child_entered_twice_is_proposed_merged_and_taken_apart(ask, twins):
    keep, drop = twins

    [proposal] = ask(OFFICER, "GET", "/duplicates").get_json()
    merged = ask(OFFICER, "POST", f"/entities/{keep}/merge", {"drop": f"uuid:{drop.upper()}"})
    gone = ask(OFFICER, "GET", f"/entities/{drop}")
    none = ask(OFFICER, "GET", "/duplicates").get_json()
    split = ask(OFFICER, "DELETE", f"/entities/{drop}/merge")

    assert proposal == {
        "keep": keep,
        "merge": drop,
        "label": "Trần Hoà",
        "mergeLabel": "Trần Hòa",
        "village": "V000001",
        "mergeVillage": "V000001",
    }
    assert merged.get_json()["uuid"] == keep
    assert merged.get_json()["currentVersion"]["data"]["status"] == "1"
    assert (gone.status_code, none) == (404, [])
    assert split.get_json()["uuid"] == keep
    assert split.get_json()["currentVersion"]["data"].get("status", "") == ""
    assert ask(OFFICER, "GET", f"/entities/{drop}").status_code == 200
    assert len(list_audits("entity.merge")) == len(list_audits("entity.split")) == 2


def test_who_is_shown_duplicates_is_in_the_access_log(ask, twins):
    ask(OFFICER, "GET", "/duplicates?limit=0")

    assert len(list_audits("dataset.entity.export")) == 1


@pytest.mark.parametrize(("email", "proposed", "code"), [(OTHER, 0, 404.1), (HELPER, 1, 403.1)])
def test_nobody_merges_what_is_not_theirs_to_change(ask, twins, email, proposed, code):
    keep, drop = twins

    assert len(ask(email, "GET", "/duplicates").get_json()) == proposed
    answer = ask(email, "POST", f"/entities/{keep}/merge", {"drop": drop})
    assert answer.get_json()["code"] == code
    ask(OFFICER, "POST", f"/entities/{keep}/merge", {"drop": drop})
    assert ask(email, "DELETE", f"/entities/{drop}/merge").get_json()["code"] == code


def test_what_cannot_be_merged_is_refused(ask, twins):
    keep, _ = twins
    path = f"/entities/{keep}/merge"

    def code(method: str, body: object = None) -> float:
        return ask(OFFICER, method, path, body).get_json()["code"]

    assert code("POST", {}) == 400.2
    assert code("POST", {"drop": 1}) == 400.11
    assert code("POST", {"drop": "no"}) == 400.11
    assert code("POST", {"drop": new_child()}) == 404.1
    assert ask(OFFICER, "POST", path, {"drop": keep}).status_code == 400
    assert code("DELETE") == 404.1
