"""Entities over the API, as pyODK, ruODK and browsers ask for them (central-api.md §15.2)."""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote

import pytest

from server.actions.assigning import Duty
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities
from server.cli.common import operator
from server.db import db, transaction
from tests.helpers import cases
from tests.helpers.children import CASES, child_slip, new_child, publish_children
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.people import ALICE, BOSS, BOSS_PASSWORD, add_people, bearer, browser, sign_in
from tests.helpers.scenes import offer_houses
from tests.helpers.sql import list_audits

BASE = "/v1/projects/1/datasets/child/entities"
OWN, OTHER = "12472", "12511"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def scene():
    """A form writes the list `child`."""
    return offer_houses, add_people, publish_children


@pytest.fixture
def client(app):
    return browser(app)


@pytest.fixture
def ask(client):
    """Requests of alice, who manages the project."""
    return asking(client, ALICE)


def asking(client, email: str, password: str | None = None):
    signed = bearer(sign_in(client, email, *([password] if password else [])))

    def send(method: str, path: str = "", *, body: object = None, base: str = BASE, **headers: str):
        options = {"json": body} if body is not None else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(base + path, method=method, headers=signed | more, **options)

    return send


@pytest.fixture
def officer(client):
    """Requests of the officer of a commune."""
    person("officer@x.vn", Duty("commune_officer", OWN), password_hash=hashed())
    db.session.remove()
    return asking(client, "officer@x.vn", PASSWORD)


def make(ask, label: str = "Lan", *, uuid: str | None = None, **data: str) -> str:
    given = {"label": label, "data": data} | ({"uuid": uuid} if uuid else {})
    answer = ask("POST", body=given)
    assert answer.status_code == 200, answer.text
    return answer.get_json()["uuid"]


def code(answer) -> float:
    return answer.get_json()["code"]


def uuids(answer) -> list[str]:
    return [entity["uuid"] for entity in answer.get_json()]


def test_an_entity_is_made_and_answered_with_every_key(ask):
    id_ = new_child()
    answer = ask(
        "POST", body={"uuid": f"uuid:{id_.upper()}", "label": "Lan", "data": {"status": "1"}}
    )

    told = answer.get_json()
    version = told.pop("currentVersion")
    assert answer.status_code == 200
    assert STAMP.fullmatch(told.pop("createdAt"))
    assert STAMP.fullmatch(version.pop("createdAt"))
    assert told.pop("creatorId") == version.pop("creatorId")
    assert told == {"uuid": id_, "conflict": None, "updatedAt": None, "deletedAt": None}
    assert isinstance(version.pop("userAgent"), str)
    assert version == {
        "current": True,
        "label": "Lan",
        "data": {"status": "1"},
        "dataReceived": {"status": "1", "label": "Lan"},
        "version": 1,
        "baseVersion": None,
        "conflictingProperties": None,
        "branchId": None,
        "trunkVersion": None,
        "branchBaseVersion": None,
    }
    assert ask("GET", f"/{id_}").get_json() == answer.get_json()


def test_without_a_uuid_it_gets_one(ask):
    assert uuid.UUID(make(ask)).version == 4


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 400.2),
        ({"label": ""}, 400.8),
        ({"label": " "}, 400.8),
        ({"label": 1}, 400.11),
        ({"label": "x", "uuid": "no"}, 400.11),
        ({"label": "x", "uuid": 1}, 400.11),
        ({"label": "x", "uuid": str(uuid.UUID(int=1))}, 400.11),
        ({"label": "x", "data": []}, 400.11),
        ({"label": "x", "data": {"status": 1}}, 400.11),
        ({"label": "x", "data": {"unknown": "1"}}, 400.28),
        ({"label": "x", "more": 1}, 400.31),
        ({"entities": []}, 400.31),
        ({"entities": {}, "source": {"name": "x"}}, 400.31),
        ({"entities": [{"label": "x"}]}, 400.2),
        ({"entities": [{"label": "x"}], "source": {}}, 400.2),
        ({"entities": [{"label": "x"}], "source": {"name": 1}}, 400.11),
        ({"entities": [{"label": "x"}], "source": {"name": "x", "size": "1"}}, 400.11),
        ({"entities": ["x"], "source": {"name": "x"}}, 400.11),
        ({"entities": [{}], "source": {"name": "x"}}, 400.2),
    ],
)
def test_what_is_no_entity_is_refused_with_centrals_code(ask, body, expected):
    assert code(ask("POST", body=body)) == expected
    assert ask("GET").get_json() == []


def test_a_uuid_is_taken_once(ask):
    id_ = make(ask)

    answer = ask("POST", body={"uuid": id_, "label": "Mai"})

    assert code(answer) == 409.3
    assert answer.get_json()["details"]["values"] == [id_]


def bulk(*ids: str, **more) -> dict:
    rows = [{"uuid": id_, "label": f"Child {n}", **more} for n, id_ in enumerate(ids)]
    return {"entities": rows, "source": {"name": "children.csv", "size": 100}}


def test_many_are_made_or_none(ask):
    ids = [new_child() for _ in range(3)]
    assert ask("POST", body=bulk(*ids[:2])).get_json() == {"success": True}

    assert code(ask("POST", body=bulk(ids[2], ids[0]))) == 409.3
    assert code(ask("POST", body=bulk(ids[2], ids[2]))) == 409.3
    assert code(ask("POST", body=bulk(ids[2], new_child(), data={"unknown": ""}))) == 400.28
    ask("DELETE", f"/{ids[0]}")
    refused = ask("POST", body=bulk(ids[2], ids[0]))

    assert (code(refused), refused.get_json()["details"]) == (409.19, {"entityUuids": [ids[0]]})
    assert uuids(ask("GET")) == [ids[1]]
    assert len(list_audits("entity.bulk.create")) == 2
    [version] = ask("GET", f"/{ids[1]}/versions").get_json()
    assert version["source"] == {"name": "children.csv"}


def test_a_body_of_many_may_be_large(ask):
    rows = [{"label": "x" * 500, "data": {"status": "y" * 500}} for _ in range(600)]
    body = {"entities": rows, "source": {"name": "many"}}

    assert ask("POST", body=body).status_code == 200
    assert len(ask("GET").get_json()) == 600
    assert code(ask("PATCH", f"/{new_child()}", body={"label": "x" * 300_000})) == 400.36


def test_the_list_is_newest_first_without_values(ask):
    first, second = make(ask, status="1"), make(ask)

    listed = ask("GET").get_json()

    assert [entity["uuid"] for entity in listed] == [second, first]
    assert {"data", "dataReceived"} & set(listed[1]["currentVersion"]) == set()
    assert ask("GET").content_type == "application/json; charset=utf-8"
    assert listed[0]["currentVersion"]["userAgent"] is not None


def test_extended_metadata_names_who_made_it(ask):
    id_ = make(ask)

    for told in (
        ask("GET", X_Extended_Metadata="true").get_json()[0],
        ask("GET", f"/{id_}", X_Extended_Metadata="true").get_json(),
    ):
        assert told["creator"]["displayName"] == ALICE
        assert told["currentVersion"]["creator"] == told["creator"]
    [version] = ask("GET", f"/{id_}/versions", X_Extended_Metadata="true").get_json()
    assert version["creator"]["displayName"] == ALICE


def test_an_update_is_made_on_the_version_that_is_there(ask):
    id_ = make(ask, status="1", full_name="Lan")

    one = ask("PATCH", f"/{id_}?baseVersion=1", body={"data": {"status": "2"}}).get_json()
    stale = ask("PATCH", f"/{id_}?baseVersion=1", body={"label": "Mai"})
    unsaid = ask("PATCH", f"/{id_}", body={"label": "Mai"})
    forced = ask("PATCH", f"/{id_}?force=True", body={"label": "Mai"}).get_json()

    assert one["currentVersion"]["data"] == {"status": "2", "full_name": "Lan"}
    assert one["currentVersion"]["dataReceived"] == {"status": "2"}
    assert (code(stale), stale.get_json()["details"]) == (409.15, {"current": "2", "provided": "1"})
    assert code(unsaid) == 409.15
    assert (forced["currentVersion"]["version"], forced["currentVersion"]["label"]) == (3, "Mai")
    assert STAMP.fullmatch(forced["updatedAt"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 400.28),
        ({"label": ""}, 400.8),
        ({"label": None}, 400.11),
        ({"data": {"unknown": "1"}}, 400.28),
        ({"data": {"status": None}}, 400.11),
        ({"uuid": "x"}, 400.31),
    ],
)
def test_an_update_says_what_changes(ask, body, expected):
    id_ = make(ask)

    assert code(ask("PATCH", f"/{id_}?force=true", body=body)) == expected


@pytest.fixture
def conflict(ask, submit) -> str:
    """A child whose third version was written over the second."""
    id_ = make(ask, status="1")
    for status in "23":
        submit(child_slip(id_, mode="update", base=1, label=None, status=status))
    return id_


def test_a_conflict_is_shown_and_resolved(ask, conflict):
    versions = ask("GET", f"/{conflict}/versions").get_json()
    told = ask("GET", f"/{conflict}").get_json()

    assert (told["conflict"], told["currentVersion"]["conflictingProperties"]) == (
        "hard",
        ["status"],
    )
    assert [v["conflict"] for v in versions] == [None, None, "hard"]
    assert [v["lastGoodVersion"] for v in versions] == [False, True, False]
    assert [v["relevantToConflict"] for v in versions] == [True, True, True]
    assert (versions[2]["baseDiff"], versions[2]["serverDiff"]) == (["status"], ["status"])
    assert [v["current"] for v in versions] == [False, False, True]
    assert versions[1]["source"]["submission"]["xmlFormId"] == "children"

    assert code(ask("PATCH", f"/{conflict}?resolve=true")) == 409.15
    solved = ask("PATCH", f"/{conflict}?resolve=true&baseVersion=3").get_json()

    assert (solved["conflict"], solved["currentVersion"]["version"]) == (None, 3)
    assert ask("GET", f"/{conflict}/versions").get_json()[2]["resolved"] is True
    assert ask("GET", f"/{conflict}/versions?relevantToConflict=true").get_json() == []
    assert code(ask("PATCH", f"/{conflict}?resolve=true&force=true")) == 400.32


def test_a_conflict_is_resolved_by_an_update(ask, conflict):
    body = {"data": {"status": "4"}}
    told = ask("PATCH", f"/{conflict}?resolve=true&baseVersion=3", body=body).get_json()

    assert (told["conflict"], told["currentVersion"]["version"]) == (None, 4)
    assert [row.details["version"] for row in list_audits("entity.update.resolve")] == [3]


def test_diffs_tell_what_each_version_changed(ask):
    id_ = make(ask, status="1")
    ask("PATCH", f"/{id_}?force=true", body={"label": "Mai", "data": {"full_name": "Mai"}})

    assert ask("GET", f"/{id_}/diffs").get_json() == [
        [
            {"old": "Lan", "new": "Mai", "propertyName": "label"},
            {"new": "Mai", "propertyName": "full_name"},
        ]
    ]


def test_the_history_of_one_tells_who_did_what_and_why(ask):
    id_, other = make(ask), make(ask)
    ask("PATCH", f"/{id_}?force=true", body={"label": "Mai"}, X_Action_Notes="g%E1%BB%8Di")
    ask("DELETE", f"/{other}")

    newest, oldest = ask("GET", f"/{id_}/audits").get_json()

    assert (newest["action"], newest["notes"]) == ("entity.update.version", "gọi")
    assert (oldest["action"], oldest["actor"]["displayName"]) == ("entity.create", ALICE)
    assert oldest["details"]["entity"] == {"uuid": id_, "dataset": "child"}
    assert len(ask("GET", f"/{id_}/audits?limit=1&offset=1").get_json()) == 1
    assert code(ask("GET", f"/{id_}/audits?limit=x")) == 400.11


def test_what_others_changed_it_for_is_for_readers_of_the_log(ask, officer, client):
    id_ = make(ask, commune_code=OWN)
    officer("PATCH", f"/{id_}?force=true", body={"label": "Mai"}, X_Action_Notes="why")

    boss = asking(client, BOSS, BOSS_PASSWORD)
    told = [who("GET", f"/{id_}/audits").get_json()[0]["notes"] for who in (ask, officer, boss)]

    assert told == [None, "why", "why"]


def test_what_is_deleted_is_listed_apart_and_restored(ask):
    id_, kept = make(ask), make(ask)

    assert ask("DELETE", f"/{id_}").get_json() == {"success": True}

    assert uuids(ask("GET")) == [kept]
    assert uuids(ask("GET", "?deleted=true")) == [id_]
    assert code(ask("GET", f"/{id_}")) == 404.1
    assert STAMP.fullmatch(ask("GET", f"/{id_}?deleted=true").get_json()["deletedAt"])
    assert code(ask("DELETE", f"/{id_}")) == 404.1
    assert code(ask("PATCH", f"/{id_}?force=true", body={"label": "x"})) == 404.1
    assert ask("POST", f"/{id_}/restore").get_json() == {"success": True}
    assert code(ask("POST", f"/{id_}/restore")) == 404.1
    assert uuids(ask("GET")) == [kept, id_]


def test_many_are_deleted_and_restored(ask):
    ids = [make(ask) for _ in range(3)]

    assert ask("POST", "/bulk-delete", body={"ids": [*ids[:2], "no"]}).get_json() == {"count": 2}
    assert uuids(ask("GET")) == ids[2:]
    assert ask("POST", "/bulk-restore", body={"ids": ids}).get_json() == {"count": 2}
    assert code(ask("POST", "/bulk-delete", body={})) == 400.2
    assert code(ask("POST", "/bulk-delete", body={"ids": "x"})) == 400.11
    for action in ("entity.bulk.delete", "entity.bulk.restore"):
        assert len(list_audits(action)) == 2


def test_creators_are_those_who_made_what_is_there(ask):
    make(ask)

    [creator] = ask("GET", "/creators").get_json()

    assert creator["displayName"] == ALICE


def test_an_officer_has_the_own_commune_and_nothing_else(ask, officer):
    own, other = make(ask, commune_code=OWN), make(ask, commune_code=OTHER)

    assert uuids(officer("GET")) == [own]
    for method, path in (
        ("GET", ""),
        ("GET", "/versions"),
        ("GET", "/diffs"),
        ("GET", "/audits"),
        ("DELETE", ""),
        ("PATCH", "?force=true"),
    ):
        body = {"label": "x"} if method == "PATCH" else None
        assert code(officer(method, f"/{other}{path}", body=body)) == 404.1
    assert code(officer("POST", body={"label": "x", "data": {"commune_code": OTHER}})) == 403.1
    assert officer("POST", "/bulk-delete", body={"ids": [other]}).get_json() == {"count": 0}
    made = make(officer, commune_code=OWN)
    assert uuids(officer("GET")) == [made, own]
    assert officer("PATCH", f"/{own}?force=true", body={"label": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [("collaborator", OWN, 200), ("commune_lead", OWN, 200), ("district_viewer", "33", 403)],
)
def test_whoever_reads_slips_reads_entities_and_changes_none(client, ask, role, unit, status):
    id_ = make(ask, commune_code=OWN)
    person("reader@x.vn", Duty(role, unit), password_hash=hashed())
    db.session.remove()
    reader = asking(client, "reader@x.vn", PASSWORD)

    assert reader("GET").status_code == status
    assert reader("GET", f"/{id_}").status_code == status
    assert code(reader("POST", body={"label": "x", "data": {"commune_code": OWN}})) == 403.1
    assert code(reader("PATCH", f"/{id_}?force=true", body={"label": "x"})) == 403.1
    assert code(reader("DELETE", f"/{id_}")) == 403.1


def test_cases_are_read_by_officers_for_a_stated_reason(ask, officer, submit, tmp_path):
    publish_children(tmp_path, CASES)
    base, body = BASE.replace("child", "victim"), {"label": "Lan", "data": {"commune_code": OWN}}

    assert code(officer("POST", base=base, body=body)) == 400.121
    made = officer("POST", base=base, body=body, X_Action_Notes="why")
    path = f"/{made.get_json()['uuid']}"

    assert code(officer("GET", base=base)) == 400.121
    assert code(officer("GET", path, base=base)) == 400.121
    assert uuids(officer("GET", base=base, X_Action_Notes="why")) == [path[1:]]
    assert officer("GET", path, base=base, X_Action_Notes="why").status_code == 200
    for method, to in (("GET", ""), ("GET", path), ("DELETE", path)):
        assert code(ask(method, to, base=base, X_Action_Notes="why")) == 403.1
    assert [row.notes for row in list_audits("entity.read")] == ["why"]
    assert [row.notes for row in list_audits("dataset.entity.export")] == ["why"]


def test_what_cases_write_of_a_child_is_shown_for_a_reason_only(ask, officer, tmp_path, submit):
    only_updates = CASES.replace("victim", "child").replace("| ${mode} = 'new' |", "| |")
    harm = only_updates.replace("| status | Status | status", "| harm | Harm | harm")
    publish_children(tmp_path, harm)
    data = {"commune_code": OWN, "status": "1"}
    id_ = make(ask, **data)
    body = {"data": {"harm": "2"}}

    assert code(ask("PATCH", f"/{id_}?force=true", body=body, X_Action_Notes="why")) == 400.28
    assert code(officer("PATCH", f"/{id_}?force=true", body=body)) == 400.28
    officer("PATCH", f"/{id_}?force=true", body=body, X_Action_Notes="why")

    told = officer("GET", f"/{id_}", X_Action_Notes="why").get_json()
    assert told["currentVersion"]["data"] == data | {"harm": "2"}
    for shown in (f"/{id_}", f"/{id_}/versions", f"/{id_}/diffs"):
        assert "harm" not in ask("GET", shown, X_Action_Notes="why").text


@pytest.mark.parametrize("path", ["", "/2f8a1c5e-0000-4000-8000-000000000001", "/creators"])
def test_nobody_and_phones_read_nothing(client, ask, token, path):
    assert client.get(BASE + path).status_code == 401
    assert client.get(f"{BASE}{path}?st={token}").status_code == 404


def test_a_list_that_is_not_there_is_404(ask):
    for base in (BASE.replace("child", "other"), BASE.replace("projects/1", "projects/9")):
        assert code(ask("GET", base=base)) == 404.1
        assert code(ask("POST", base=base, body={"label": "x"})) == 404.1


def test_names_of_lists_may_hold_what_uris_escape(ask):
    name = f"uuid:{new_child()}"
    assert ask("POST", base="/v1/projects/1/datasets", body={"name": name}).status_code == 200
    base = f"/v1/projects/1/datasets/{quote(name, safe='')}/entities"

    assert ask("POST", base=base, body={"label": "Lan"}).status_code == 200
    assert len(ask("GET", base=base).get_json()) == 1


def test_a_case_of_a_merged_child_names_what_it_became(client, ask, officer, tmp_path):
    cases.publish_register(tmp_path)
    keep, drop = make(ask), make(ask)
    case = cases.open_case("2611-1a", "2026-11-20T08:00:00", child_ref=drop)
    merge(keep, drop)

    base, why = BASE.replace("child", "case"), {"X_Action_Notes": "because"}
    one = officer("GET", f"/{case}", base=base, **why).get_json()
    every = officer("GET", base=f"{base}.csv", **why).text

    assert one["currentVersion"]["data"]["child_id"] == keep
    assert one["currentVersion"]["dataReceived"]["child_id"] == drop
    assert (keep in every, drop in every) == (True, False)


def test_of_a_merged_one_it_is_said_into_what(ask):
    keep, drop = make(ask), make(ask)
    merge(keep, drop)
    db.session.remove()

    assert ask("GET", f"/{drop}?deleted=true").get_json()["mergedInto"] == keep
    [listed] = ask("GET", "?deleted=true").get_json()
    assert listed["mergedInto"] == keep
    assert "mergedInto" not in ask("GET", f"/{keep}").get_json()
    refused = ask("GET", f"/{drop}")
    assert refused.status_code == 404
    assert keep in refused.get_json()["message"]


def merge(keep: str, drop: str) -> None:
    with transaction():
        merge_entities(get_list(None, 1, "child"), keep, drop, by=operator())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"entities": [1]}, "entities must be a list of objects, in square brackets"),
        ({"label": 1}, "label must be a text, in quotation marks."),
        ({"label": "Lan", "data": []}, "data must be an object with names and values, in braces."),
        ({"label": "Lan", "data": {"status": 1}}, "status must be a text, in quotation marks."),
        ({"label": "Lan", "uuid": 1}, "uuid must be a UUID of version 4, such as "),
        ({"entities": [{"label": "Lan"}], "source": {"name": 1}}, "source must be an object with"),
    ],
)
def test_what_is_of_another_kind_is_said_in_words(ask, body, words):
    source = {"source": {"name": "a.csv"}} if "entities" in body else {}

    answer = ask("POST", body=source | body)

    assert answer.get_json()["code"] == 400.11
    assert answer.get_json()["message"].startswith(words)


def test_uuids_are_taken_in_capitals_and_answered_in_small_letters(ask):
    first, second = make(ask), make(ask)
    capitals = first.upper()

    assert ask("GET", f"/{capitals}").get_json()["uuid"] == first
    changed = ask("PATCH", f"/{capitals}?force=true", body={"label": "Mai"})
    assert changed.get_json()["uuid"] == first
    assert len(ask("GET", f"/{capitals}/versions").get_json()) == 2
    assert ask("DELETE", f"/{capitals}").status_code == 200
    assert ask("POST", f"/{capitals}/restore").status_code == 200

    ids = {"ids": [capitals, first, second.upper()]}
    assert ask("POST", "/bulk-delete", body=ids).get_json() == {"count": 2}
    assert ask("POST", "/bulk-restore", body=ids).get_json() == {"count": 2}


def said(answer) -> str:
    return answer.get_json()["message"]


def test_refusals_say_what_to_do(ask):
    id_ = make(ask)

    assert "one of: soft, hard, true" in said(ask("GET", "?conflict=foo"))
    assert "at least one entity" in said(ask("POST", body={"entities": []}))
    assert "?baseVersion=1" in said(ask("PATCH", f"/{id_}", body={"label": "Mai"}))
    assert "at most 9 digits" in said(ask("GET", f"/{id_}/audits?limit=99999999999999999999"))
    assert "without a sign" in said(ask("GET", f"/{id_}/audits?limit=-1"))
    assert "subject" not in ask("PATCH", f"/{id_}", body={}).get_json()["details"]
    unknown = ask("POST", body={"label": "Lan", "data": {"commune_code": "99999"}})
    assert "commune_code" in said(unknown)
    elsewhere = said(ask("GET", base="/v1/projects/99/datasets"))
    assert elsewhere == "There is no project 99. Give the number of one that exists."
