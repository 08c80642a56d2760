"""GET /v1/projects/{id}/due: the list in JSON, for whom the gate lets see it."""

from __future__ import annotations

import pytest

from server.actions.assigning import Duty
from server.db import db
from tests.helpers.cases import open_case, publish_register
from tests.helpers.duties import PASSWORD, hashed, person, phone
from tests.helpers.people import bearer, browser, sign_in

OFFICER, OTHER = "officer@example.vn", "other@example.vn"
DUE = "/v1/projects/1/due"
FOR = {"X-Action-Notes": "the%20morning"}


def add_officers(_: object) -> None:
    for email, unit in ((OFFICER, "12472"), (OTHER, "12511")):
        person(email, Duty("commune_officer", unit), password_hash=hashed())


@pytest.fixture
def scene():
    return publish_register, add_officers


@pytest.fixture
def case(app) -> str:
    id_ = open_case("2602-1a2b3", "2026-02-13T23:30:00", emergency="1")
    db.session.remove()
    return id_


@pytest.fixture
def get(app, case):
    client = browser(app)

    def get(query: str = "", *, email: str = OFFICER, path: str = DUE, **headers: str):
        signed = bearer(sign_in(client, email, PASSWORD)) if email else {}
        return client.get(f"{path}{query}", headers={**signed, **FOR, **headers})

    return get


def test_what_the_list_says(get, case):
    emergency, plan = get().get_json()

    assert isinstance(emergency.pop("overdueBy"), int)
    [officer] = emergency.pop("responsible")
    assert officer["displayName"] == OFFICER
    assert emergency == {
        "kind": "emergency",
        "dueAt": "2026-02-14T04:30:00.000Z",
        "dataset": "case",
        "uuid": case,
        "label": "2602-1a2b3",
        "caseCode": "2602-1a2b3",
        "unit": "12472",
    }
    assert plan["dueAt"] == "2026-02-26T16:30:00.000Z"


def test_what_is_asked_for(get):
    assert [row["kind"] for row in get("?limit=1&offset=1").get_json()] == ["plan"]
    assert [row["kind"] for row in get("?on=2026-02-20&overdue=true").get_json()] == ["emergency"]
    assert get("?unit=12511").get_json() == []
    assert get("?dataset=child").get_json() == []
    [officer] = get("?limit=1").get_json()[0]["responsible"]
    assert len(get(f"?responsible={officer['id']}").get_json()) == 2
    assert get("?responsible=1").get_json() == []
    assert get("?responsible=999999").get_json()["code"] == 404.1


@pytest.mark.parametrize(
    "query",
    [
        "?on=soon",
        "?limit=0",
        "?limit=1001",
        "?offset=-1",
        "?dataset=x",
        "?overdue=1",
        "?responsible=a",
    ],
)
def test_what_cannot_be_asked_for_is_refused(get, query):
    assert get(query).get_json()["code"] == 400.8


def test_nobody_else_sees_a_row(app, get):
    token = phone("Hoa", "12472", role="commune_officer")
    db.session.remove()

    assert get(email=OTHER).get_json() == []
    assert get(email="").status_code == 401
    assert get(f"?st={token}", email="").status_code == 403
    assert get(**{"X-Action-Notes": ""}).get_json()["code"] == 400.121
    assert get(path="/v1/projects/7/due").status_code == 404
