"""Lists of entities over the API (central-api.md §15.1)."""

from __future__ import annotations

import csv
import io

import pytest

from server.actions.assigning import Duty
from server.db import db
from tests.helpers.children import (
    CASES,
    CHILDREN,
    FOLLOWERS,
    child_slip,
    new_child,
    publish_children,
)
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.people import ALICE, add_people, bearer, browser, sign_in
from tests.helpers.scenes import offer_houses
from tests.helpers.sql import list_audits

BASE = "/v1/projects/1/datasets"
CHILD = f"{BASE}/kid"
SHIPPED = ["case", "child", "household"]


def publish_kids(folder) -> None:
    """A form writes the list `kid` and another one has it as a file."""
    for form in (CHILDREN, FOLLOWERS):
        mine = form.replace("child.csv", "kid.csv").replace("| child |", "| kid |")
        publish_children(folder, mine)


@pytest.fixture
def scene():
    return offer_houses, add_people, publish_kids


@pytest.fixture
def client(app):
    return browser(app)


@pytest.fixture
def ask(client):
    """Requests of alice, who manages the project."""
    return asking(client, ALICE)


def asking(client, email: str, password: str | None = None):
    signed = bearer(sign_in(client, email, *([password] if password else [])))

    def send(method: str, path: str = BASE, *, body: object = None, **headers: str):
        options = {"json": body} if body is not None else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(path, method=method, headers=signed | more, **options)

    return send


def guest(client, role: str, unit: str | None):
    person("guest@x.vn", Duty(role, unit), password_hash=hashed())
    db.session.remove()
    return asking(client, "guest@x.vn", PASSWORD)


def code(answer) -> float:
    return answer.get_json()["code"]


def names(answer) -> list[str]:
    return [found["name"] for found in answer.get_json()]


def test_lists_are_listed_with_every_key(ask):
    assert names(ask("GET")) == [*SHIPPED, "kid"]
    [*_, found] = ask("GET").get_json()

    assert found.pop("createdAt").endswith("Z")
    assert found == {
        "name": "kid",
        "projectId": 1,
        "approvalRequired": False,
        "ownerOnly": False,
        "deletedAt": None,
    }
    assert ask("GET", f"{BASE}?deleted=true").get_json() == []


def test_extended_metadata_counts(ask, submit):
    submit(child_slip(new_child(), dataset="kid"))

    [*_, found] = ask("GET", X_Extended_Metadata="true").get_json()

    assert (found["entities"], found["conflicts"]) == (1, 0)
    assert found["lastEntity"].endswith("Z")


def test_a_list_tells_its_forms_and_properties(ask):
    told = ask("GET", CHILD).get_json()

    assert told["sourceForms"] == [{"name": "Children", "xmlFormId": "children"}]
    followed = {form["xmlFormId"] for form in told["linkedForms"]}
    assert followed == {"children", "followers"}
    assert [p["name"] for p in told["properties"]] == [
        *("commune_code", "village_code", "full_name", "status")
    ]
    assert set(told["properties"][0]) == {"name", "publishedAt", "odataName", "forms"}
    assert told["properties"][0]["forms"] == told["sourceForms"]
    assert (told["draftLinkedForms"], told["draftSourceForms"]) == ([], [])


def test_a_list_is_made_by_hand(ask):
    told = ask("POST", body={"name": "wells", "ownerOnly": True}).get_json()

    assert (told["name"], told["ownerOnly"], told["approvalRequired"]) == ("wells", True, False)
    assert told["properties"] == []
    assert names(ask("GET")) == [*SHIPPED, "kid", "wells"]
    assert len(list_audits("dataset.create")) == len(SHIPPED) + 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 400.2),
        ({"name": 1}, 400.11),
        ({"name": "a.b"}, 400.8),
        ({"name": "__a"}, 400.8),
        ({"name": "1a"}, 400.8),
        ({"name": "a" * 250}, 400.13),
        ({"name": "a", "approvalRequired": "yes"}, 400.11),
        ({"name": "kid"}, 409.3),
        ({"name": "Kid"}, 409.16),
    ],
)
def test_a_list_that_cannot_be_is_refused(ask, body, expected):
    assert code(ask("POST", body=body)) == expected


@pytest.mark.parametrize("name", ["Đăng_ký", ":a", "_a-1", "uuid:2f8a1c5e"])
def test_names_are_as_central_has_them(ask, name):
    assert ask("POST", body={"name": name}).get_json()["name"] == name


def test_properties_are_added_by_hand(ask):
    path = f"{CHILD}/properties"
    assert ask("POST", path, body={"name": "note.1"}).get_json() == {"success": True}

    assert list_audits("dataset.update")[-1].details == {"properties": 1}
    [*_, added] = ask("GET", CHILD).get_json()["properties"]
    assert (added["name"], added["odataName"], added["forms"]) == ("note.1", "note_1", [])
    for body, expected in (
        ({}, 400.2),
        ({"name": "label"}, 400.8),
        ({"name": "Name"}, 400.8),
        ({"name": "a b"}, 400.8),
        ({"name": "status"}, 409.3),
        ({"name": "Status"}, 409.17),
    ):
        assert code(ask("POST", path, body=body)) == expected
    twin = ask("POST", path, body={"name": "Status"}).get_json()["details"]
    assert twin["duplicateProperties"] == [{"current": "status", "provided": "Status"}]


def test_a_property_goes_that_nobody_writes_and_nothing_has(ask):
    ask("POST", f"{CHILD}/properties", body={"name": "note.1"})
    entity = {"label": "Lan", "data": {"note.1": "x"}}
    uuid = ask("POST", f"{CHILD}/entities", body=entity).get_json()["uuid"]

    assert code(ask("DELETE", f"{CHILD}/properties/status")) == 409.22
    refused = ask("DELETE", f"{CHILD}/properties/note.1").get_json()
    ask("PATCH", f"{CHILD}/entities/{uuid}?force=true", body={"data": {"note.1": ""}})

    assert refused["details"]["prerequisites"] == {"dependentForms": [], "nonEmptyEntities": 1}
    assert ask("DELETE", f"{CHILD}/properties/note.1").get_json() == {"success": True}
    assert code(ask("DELETE", f"{CHILD}/properties/note.1")) == 404.1
    assert len(list_audits("dataset.update.property.delete")) == 1


def test_settings_are_changed_one_by_one(ask):
    ask("PATCH", CHILD, body={"ownerOnly": True})
    told = ask("PATCH", CHILD, body={"approvalRequired": True}).get_json()

    assert (told["ownerOnly"], told["approvalRequired"]) == (True, True)
    assert code(ask("PATCH", CHILD, body={"ownerOnly": None})) == 400.11
    assert code(ask("PATCH", CHILD, body={"accessFilter": "x"})) == 501.1
    assert [row.details for row in list_audits("dataset.update")[-2:]] == [
        {"owner_only": True},
        {"approval_required": True},
    ]


@pytest.mark.parametrize(("convert", "made"), [("true", 1), ("false", 0)])
def test_slips_that_wait_are_not_forgotten_as_approval_goes(ask, submit, convert, made):
    ask("PATCH", CHILD, body={"approvalRequired": True})
    submit(child_slip(new_child(), dataset="kid"))
    off = {"approvalRequired": False}

    refused = ask("PATCH", CHILD, body=off).get_json()
    done = ask("PATCH", f"{CHILD}?convert={convert}", body=off)

    assert (refused["code"], refused["details"]) == (400.29, {"count": 1})
    assert done.get_json()["approvalRequired"] is False
    assert len(ask("GET", f"{CHILD}/entities").get_json()) == made


def test_slips_that_wait_for_no_approval_are_not_counted(ask, submit):
    id_ = new_child()
    submit(child_slip(id_, dataset="kid"))
    submit(child_slip(id_, dataset="kid"))  # refused: it is there
    ask("PATCH", CHILD, body={"approvalRequired": True})
    for mode in ("", "update"):  # makes nothing; refused
        submit(child_slip(new_child(), dataset="kid", mode=mode, base=1))
    off = {"approvalRequired": False}
    submit(child_slip(new_child(), dataset="kid"))

    refused = ask("PATCH", CHILD, body=off).get_json()
    ask("PATCH", f"{CHILD}?convert=true", body=off)

    assert (refused["code"], refused["details"]) == (400.29, {"count": 1})
    assert len(ask("GET", f"{CHILD}/entities").get_json()) == 2
    assert len(list_audits("entity.error")) == 2


def test_a_list_goes_that_nothing_has_to_do_with(ask):
    ask("POST", body={"name": "wells"})
    ask("POST", f"{BASE}/wells/properties", body={"name": "depth"})

    refused = ask("DELETE", CHILD).get_json()
    assert ask("DELETE", f"{BASE}/wells").get_json() == {"success": True}

    assert refused["code"] == 409.21
    assert refused["details"]["sourceForms"] == [{"name": "Children", "xmlFormId": "children"}]
    assert code(ask("GET", f"{BASE}/wells")) == 404.1
    assert len(list_audits("dataset.delete")) == 1


def test_a_list_that_had_entities_stays(ask):
    ask("POST", body={"name": "wells"})
    entities = f"{BASE}/wells/entities"
    uuid = ask("POST", entities, body={"label": "x"}).get_json()["uuid"]
    ask("DELETE", f"{entities}/{uuid}")

    assert code(ask("DELETE", f"{BASE}/wells")) == 409.21


def test_the_csv_has_every_live_entity_newest_first(ask):
    made = [
        ask(
            "POST", f"{CHILD}/entities", body={"label": label, "data": {"status": label}}
        ).get_json()
        for label in ("Lan", "Mai, “Bé”", "Gone")
    ]
    ask("DELETE", f"{CHILD}/entities/{made[2]['uuid']}")

    answer = ask("GET", f"{CHILD}/entities.csv")
    header, *rows = csv.reader(io.StringIO(answer.text))

    assert header == [
        *("__id", "label", "commune_code", "village_code", "full_name", "status"),
        *("__createdAt", "__creatorId", "__creatorName", "__updates", "__updatedAt", "__version"),
    ]
    assert [row[:2] for row in rows] == [[made[1]["uuid"], "Mai, “Bé”"], [made[0]["uuid"], "Lan"]]
    assert rows[1][5:] == [
        "Lan",
        made[0]["createdAt"],
        str(made[0]["creatorId"]),
        ALICE,
        "0",
        "",
        "1",
    ]
    assert answer.content_type == "text/csv; charset=utf-8"
    assert len(list_audits("dataset.entity.export")) == 1


def test_the_csv_is_sent_again_only_after_a_change(ask):
    path = f"{CHILD}/entities.csv"
    tag = ask("GET", path).headers["ETag"]

    assert ask("GET", path, If_None_Match=tag).status_code == 304
    assert ask("GET", path, If_None_Match=f"W/{tag}").status_code == 304
    ask("POST", f"{CHILD}/entities", body={"label": "Lan"})
    assert ask("GET", path, If_None_Match=tag).status_code == 200


def test_duties_see_the_lists_of_their_forms_and_change_none(client, ask, tmp_path):
    publish_children(tmp_path, CASES)
    officer = guest(client, "commune_officer", "12472")

    assert names(officer("GET")) == [*SHIPPED, "kid", "victim"]
    assert officer("GET", CHILD).status_code == 200
    for method, path, body in (
        ("POST", BASE, {"name": "x"}),
        ("PATCH", CHILD, {"ownerOnly": True}),
        ("DELETE", CHILD, None),
        ("POST", f"{CHILD}/properties", {"name": "x"}),
        ("DELETE", f"{CHILD}/properties/status", None),
    ):
        assert code(officer(method, path, body=body)) == 403.1
    assert code(officer("GET", f"{BASE}/victim/entities.csv")) == 400.121
    assert officer("GET", f"{BASE}/victim/entities.csv", X_Action_Notes="why").status_code == 200
    assert code(ask("GET", f"{BASE}/victim/entities.csv", X_Action_Notes="why")) == 403.1


def test_whoever_has_nothing_to_do_with_a_form_does_not_see_its_list(client, tmp_path):
    publish_children(tmp_path, CASES)
    collaborator = guest(client, "collaborator", "12472")

    assert names(collaborator("GET")) == ["child", "household", "kid"]
    assert code(collaborator("GET", f"{BASE}/victim")) == 404.1


def test_nobody_and_phones_see_no_list(client, token):
    for path in (BASE, CHILD, f"{CHILD}/entities.csv"):
        assert client.get(path).status_code == 401
    assert client.get(f"{BASE}?st={token}").get_json() == []
    assert client.get(f"{CHILD}?st={token}").status_code == 404
