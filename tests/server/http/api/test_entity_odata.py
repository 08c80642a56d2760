"""An entity list over OData, as Power BI, pyODK and ruODK ask for it (central-api.md §15.4)."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import update

from server.actions.assigning import Duty
from server.db import db, transaction
from server.models import Entity
from server.queries.datasets import add_property, load_datasets
from server.queries.projects import touch_catalogue
from tests.helpers.children import CASES, child_slip, new_child, publish_children
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.people import ALICE, HTTPS, add_people, bearer, browser, sign_in
from tests.helpers.scenes import offer_houses
from tests.helpers.sql import list_audits

LISTS = "/v1/projects/1/datasets"
ROOT = f"{LISTS}/child.svc"
OWN, OTHER = "12472", "12511"
EDM = {"e": "http://docs.oasis-open.org/odata/ns/edm"}


@pytest.fixture
def scene():
    return offer_houses, add_people, publish_children


@pytest.fixture
def client(app):
    return browser(app)


@pytest.fixture
def ask(client):
    """Requests of alice, who manages the project."""
    return asking(client, ALICE)


@pytest.fixture
def officer(client):
    """Requests of the officer of a commune."""
    person("officer@x.vn", Duty("commune_officer", OWN), password_hash=hashed())
    db.session.remove()
    return asking(client, "officer@x.vn", PASSWORD)


def asking(client, email: str, password: str | None = None):
    signed = bearer(sign_in(client, email, *([password] if password else [])))

    def send(path: str = f"{ROOT}/Entities", *, method: str = "GET", headers=None, body=None, **q):
        more = {"json": body} if body is not None else {}
        if q:
            more["query_string"] = {f"${name}": value for name, value in q.items()}
        return client.open(
            path, method=method, headers=signed | (headers or {}), buffered=True, **more
        )

    return send


def make(ask, label: str, base: str = f"{LISTS}/child/entities", **data: str) -> str:
    answer = ask(base, method="POST", body={"label": label, "data": data})
    assert answer.status_code == 200, answer.text
    return answer.get_json()["uuid"]


def labels(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["label"] for row in answer.get_json()["value"]]


def code(answer) -> float:
    return answer.get_json()["code"]


def follow(ask, answer):
    """The next page, by its link alone."""
    link = urlsplit(answer.get_json()["@odata.nextLink"])
    query = {name.removeprefix("$"): value for name, value in parse_qsl(link.query)}
    return ask(link.path, **query)


@pytest.fixture
def five(ask):
    """Five children, the first of them in another commune."""
    make(ask, "c0", commune_code=OTHER)
    return [make(ask, f"c{number}", commune_code=OWN) for number in range(1, 5)]


def test_the_service_names_its_table(ask):
    answer = ask(ROOT)

    assert answer.get_json() == {
        "@odata.context": f"{HTTPS}{ROOT}/$metadata",
        "value": [{"name": "Entities", "kind": "EntitySet", "url": "Entities"}],
    }
    assert answer.content_type == "application/json; charset=utf-8; odata.metadata=minimal"
    assert answer.headers.getlist("OData-Version") == ["4.0"]


def test_metadata_has_exactly_the_names_of_the_rows(ask):
    ask(f"{LISTS}/child/properties", method="POST", body={"name": "họ.tên"})
    make(ask, "Lan")

    answer = ask(f"{ROOT}/%24metadata")
    root = etree.fromstring(answer.data)
    [row] = ask().get_json()["value"]

    assert answer.content_type == "application/xml; charset=utf-8"
    [kind] = root.iterfind(".//e:EntityType", EDM)
    assert kind.get("Name") == "Entities"
    assert {p.get("Name") for p in kind.iterfind("e:Property", EDM)} == set(row)
    assert "h_t_n" in row
    [system] = root.iterfind(".//e:ComplexType", EDM)
    assert {p.get("Name") for p in system} == set(row["__system"])
    names = [s.get("Namespace") for s in root.iterfind(".//e:Schema", EDM)]
    assert names == ["org.opendatakit.entity", "org.opendatakit.user.child"]
    [entity_set] = root.iterfind(".//e:EntitySet", EDM)
    assert entity_set.get("EntityType") == "org.opendatakit.user.child.Entities"


def test_properties_whose_names_would_be_the_same_are_told_apart(ask):
    for name in ("a.b", "a_b", "_.id"):
        ask(f"{LISTS}/child/properties", method="POST", body={"name": name})
    make(ask, "Lan", **{"a.b": "1", "a_b": "2", "_.id": "3"})

    [row] = ask().get_json()["value"]

    assert (row["a_b"], row["a_b_2"], row["__id_2"]) == ("1", "2", "3")
    told = ask(f"{LISTS}/child").get_json()["properties"]
    assert [p["odataName"] for p in told][-3:] == ["a_b", "a_b_2", "__id_2"]


def test_a_row_has_every_key_and_blank_texts(ask):
    uuid = make(ask, "Lan", status="1")
    ask(f"{LISTS}/child/entities/{uuid}?baseVersion=1", method="PATCH", body={"label": "Lan Anh"})

    answer = ask()
    [row] = answer.get_json()["value"]
    [listed] = ask(f"{LISTS}/child/entities").get_json()
    properties = [p["odataName"] for p in ask(f"{LISTS}/child").get_json()["properties"]]

    assert answer.get_json()["@odata.context"] == f"{HTTPS}{ROOT}/$metadata#Entities"
    told = {name: row.pop(name) for name in ("__id", "label", "__system", "status")}
    assert told == {
        "__id": uuid,
        "label": "Lan Anh",
        "__system": {
            "createdAt": listed["createdAt"],
            "creatorId": str(listed["creatorId"]),
            "creatorName": ALICE,
            "updates": 1,
            "updatedAt": listed["updatedAt"],
            "version": 2,
            "conflict": None,
            "deletedAt": None,
        },
        "status": "1",
    }
    assert "full_name" in row
    assert set(row) <= {*properties}
    assert set(row.values()) == {""}
    assert list_audits("dataset.entity.export") != []


def test_pages_follow_one_another_by_links_whatever_comes_in_between(ask, five):
    page = ask(top="2", count="true")
    make(ask, "new")
    second = follow(ask, page)
    third = follow(ask, second)

    assert [labels(p) for p in (page, second, third)] == [["c4", "c3"], ["c2", "c1"], ["c0"]]
    assert page.get_json()["@odata.count"] == 5
    assert second.get_json()["@odata.count"] == 6
    assert "@odata.nextLink" not in third.get_json()
    link = page.get_json()["@odata.nextLink"]
    assert link.startswith(f"{HTTPS}{ROOT}/Entities?%24top=2&%24count=true&%24skiptoken=01")


def test_a_page_that_ends_with_the_list_has_no_link(ask, five):
    assert "@odata.nextLink" not in ask(top="5").get_json()
    assert labels(ask(top="2", skip="4")) == ["c0"]
    assert labels(ask(skip="5")) == []
    assert labels(follow(ask, ask(top="2", skip="1"))) == ["c1", "c0"]
    answer = ask(top="0", count="True").get_json()
    assert (answer["value"], answer["@odata.count"]) == ([], 5)
    assert "@odata.nextLink" not in answer


def test_a_page_begins_after_a_row_that_was_deleted_meanwhile(ask, five):
    page = ask(top="2")
    ask(f"{LISTS}/child/entities/{five[2]}", method="DELETE")

    assert labels(follow(ask, page)) == ["c2", "c1"]


def test_orders_that_cannot_be_are_refused(ask):
    assert code(ask(orderby="label")) == 501.5
    assert code(ask(orderby="__system/unknown")) == 501.5
    assert code(ask(orderby="__id up")) == 400.18


def test_rows_come_in_the_order_that_is_asked_for(ask, five):
    with db.engine.begin() as connection:
        for number, uuid in enumerate(five):
            at = datetime(2026, 1, 1 + number, tzinfo=UTC)
            given = {"created_at": at, "updated_at": at if number % 2 else None}
            connection.execute(update(Entity).where(Entity.uuid == uuid).values(given))

    assert labels(ask(orderby="__system/createdAt")) == ["c1", "c2", "c3", "c4", "c0"]
    assert labels(ask(orderby="__system/createdAt DESC")) == ["c0", "c4", "c3", "c2", "c1"]
    ordered = ask(orderby="__system/updatedAt desc,__system/createdAt asc", top="3")
    assert labels(ordered) == ["c4", "c2", "c1"]
    assert labels(follow(ask, ordered)) == ["c3", "c0"]
    assert labels(ask(orderby="__system/updatedAt", top="1", skip="1")) == ["c1"]
    refused = ask(orderby="__id", skiptoken="01x")
    assert (code(refused), refused.get_json()["details"]) == (501.1, {"feature": "$orderby"})


def test_only_what_is_selected_is_given(ask):
    make(ask, "Lan", status="1")

    def row(select: str) -> dict:
        return ask(select=select).get_json()["value"][0]

    assert row("label, status") == {"label": "Lan", "status": "1"}
    assert row("__system/version") == {"__system": {"version": 1}}
    assert set(row("__id,__system")["__system"]) >= {"createdAt", "deletedAt"}
    assert row("*") == ask().get_json()["value"][0]
    refused = ask(select="label,unknown")
    assert (code(refused), refused.get_json()["details"]) == (400.23, {"property": "unknown"})
    assert code(ask(select="label", expand="*")) == 501.11
    assert code(ask(expand="label")) == 501.6
    assert ask(expand="*", wkt="true").status_code == 200


TOKENS = [
    ("x", 400.35),
    ("01x", 400.35),
    ("02" + b64encode(b'{"uuid":"x"}').decode(), 400.35),
    ("01" + b64encode(b"[]").decode(), 400.35),
    ("01" + b64encode(b'{"uuid":1}').decode(), 400.35),
    ("01" + b64encode(b'{"uuid":"\\u0000"}').decode(), 400.35),
    ("01" + b64encode(b"[" * 700).decode(), 400.35),
    ("01" + b64encode(json.dumps({"uuid": new_child()}).encode()).decode(), 400.34),
]


def test_tokens_that_lead_nowhere_are_refused(ask):
    for token, expected in TOKENS:
        assert code(ask(skiptoken=token)) == expected, token


def test_parameters_that_are_unknown_or_wrong_are_refused(ask):
    assert code(ask(apply="x")) == 501.1
    assert code(ask(top="-1")) == 400.11
    assert code(ask(skip="x")) == 400.11
    assert code(ask(search="x" * 201)) == 400.13
    assert code(ask(search="x " * 11)) == 400.13


FORMATS = [
    ("/Entities", {"Accept": "application/xml"}, {}, 406.1),
    ("/Entities", {"Accept": "application/json;odata.metadata=minimal"}, {}, 200),
    ("/Entities", {"Accept": "application/atom+xml, application/json;q=0.5"}, {}, 200),
    ("/Entities", {"Accept": "*/*"}, {}, 200),
    ("/Entities", {}, {"format": "atom"}, 406.1),
    ("/Entities", {"Accept": "application/xml"}, {"format": "json"}, 200),
    ("", {}, {"format": "application/xml"}, 406.1),
    ("/$metadata", {"Accept": "application/json"}, {}, 406),
    ("/$metadata", {"Accept": "application/json, application/xml"}, {}, 200),
    ("/$metadata", {}, {"format": "json"}, 406),
    ("/$metadata", {}, {"format": "xml"}, 200),
    ("/Entities", {"OData-MaxVersion": "3.0"}, {}, 404.1),
    ("/Entities", {"OData-MaxVersion": "4.01"}, {}, 200),
]


def test_whoever_can_read_the_document_gets_it(ask):
    for path, headers, query, expected in FORMATS:
        answer = ask(f"{ROOT}{path}", headers=headers, **query)
        assert answer.status_code == int(expected), (path, headers, query)
        if expected % 1:
            assert code(answer) == expected


def test_refusals_of_metadata_are_xml(ask, client):
    answer = ask(f"{LISTS}/none.svc/$metadata")
    root = etree.fromstring(answer.data)

    assert (answer.status_code, root.tag, root.get("code")) == (404, "error", "404.1")
    assert [child.tag for child in root] == ["message", "details"]
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.headers["OData-Version"] == "4.0"
    assert client.get(f"{ROOT}/$metadata").status_code == 401


STAMPED = datetime(2026, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)


FOUND = [
    ("__system/createdAt eq 2026-03-04T05:06:07.891Z", "a"),
    ("__system/createdAt gt 2026-03-04T05:06:07.891Z", "bc"),
    ("__system/createdAt ge 2026-03-04T12:06:07.891+07:00", "abc"),
    ("__system/createdAt ge 2026-03-04T12:06:07.891 07:00", "abc"),
    ("__system/createdAt le '2026-03-04T05:06:07.891Z'", "a"),
    ("__system/createdAt ne 2026-03-04T05:06:07.891Z", "bc"),
    ("2026-03-05 gt __system/createdAt", "a"),
    ("__system/createdAt lt now()", "abc"),
    ("year(__system/createdAt) eq 2026 and day(__system/createdAt) eq 4", "a"),
    ("second(__system/createdAt) eq 7 and minute(__system/createdAt) eq 6", "abc"),
    ("hour(__system/createdAt) ne 5 or month(__system/createdAt) eq 4", ""),
    ("__system/updatedAt eq null", "ac"),
    ("null ne __system/updatedAt", "b"),
    ("__system/updatedAt ne 2026-03-05T05:06:07Z", "abc"),
    ("year(__system/updatedAt) ne 2026", "ac"),
    ("__system/updatedAt lt null", ""),
    ("__system/updatedAt gt __system/createdAt", "b"),
    ("__system/createdAt eq __system/createdAt", "abc"),
    ("__system/conflict eq 'hard'", "c"),
    ("__system/conflict ne 'hard'", "ab"),
    ("not (__system/conflict eq 'hard')", "ab"),
    ("not __system/conflict eq 'hard' and __system/updatedAt eq null", "a"),
    ("__system/conflict eq 'nothing of the kind'", ""),
    ("__system/creatorId eq {creator}", "abc"),
    ("__system/creatorId eq '{creator}'", "abc"),
    ("__system/creatorId gt 99999999999999999999", ""),
    ("__system/creatorId lt 3000000000", "abc"),
    ("__system/creatorId lt 1e999", "abc"),
    ("__system/creatorId ge 0.5", "abc"),
    ("__id eq '{a}' or __id eq {b}", "ab"),
    ("__id ne '{a}'", "bc"),
    ("((__id eq '{a}'))", "a"),
    ("__id eq 'x'' or 1 eq 1 --'", ""),
    ("1 eq 1 and 'a' lt 'b'", "abc"),
    ("1 gt 2 or year(2026-01-01) eq 2025", ""),
    ("__system/deletedAt ne null", "d"),
    ("__system/deletedAt eq null or __system/deletedAt gt 2026-01-01", "abcd"),
]


def test_filters_leave_what_they_say(ask):
    ids = {label: make(ask, label) for label in "abcd"}
    given = {
        "a": {"created_at": STAMPED},
        "b": {"created_at": STAMPED + timedelta(days=1), "updated_at": STAMPED + timedelta(days=2)},
        "c": {"created_at": STAMPED + timedelta(days=2), "conflict": "hard"},
        "d": {"deleted_at": STAMPED},
    }
    with db.engine.begin() as connection:
        for label, values in given.items():
            connection.execute(update(Entity).where(Entity.uuid == ids[label]).values(values))
        creator = connection.execute(db.select(Entity.creator_id).limit(1)).scalar_one()

    for condition, found in FOUND:
        text = condition.format(creator=creator, **ids)
        answer = ask(filter=text, count="true")
        assert sorted(labels(answer)) == [*found], text
        assert answer.get_json()["@odata.count"] == len(found), text


def test_lists_and_csv_are_filtered_alike(ask):
    ids = {label: make(ask, label) for label in "ab"}
    text = f"__id eq '{ids['a']}'"

    [listed] = ask(f"{LISTS}/child/entities", filter=text).get_json()
    [_, row] = ask(f"{LISTS}/child/entities.csv", filter=text).text.splitlines()

    assert (listed["uuid"], row.split(",")[0]) == (ids["a"], ids["a"])


@pytest.mark.parametrize(
    ("condition", "expected", "details"),
    [
        ("status eq 'x'", 501.5, {"at": 0, "text": "status"}),
        (
            "not length(__id) eq 1",
            501.4,
            {"at": 4, "type": "MethodCallExpression", "text": "length"},
        ),
        ("__id eq 'x", 400.18, {"at": 8, "reason": "at 8: 'x", "text": "'x"}),
    ],
)
def test_filters_that_are_none_are_refused_as_by_central(ask, condition, expected, details):
    for path in (f"{ROOT}/Entities", f"{LISTS}/child/entities", f"{LISTS}/child/entities.csv"):
        answer = ask(path, filter=condition).get_json()
        assert (answer["code"], answer["details"]) == (expected, details)


WORDS = st.sampled_from(
    [
        *("__id", "__system/createdAt", "__system/creatorId", "__system/conflict", "label"),
        *("and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "add", "null", "true", "now()"),
        *("(", ")", ",", "year(", "second(", "contains(", "'x'", "''", "'''", "'; --", "1", "-1"),
        *("2026-01-01", "2026-01-01T00:00:00Z", "9" * 30, "1e400", "\0", "%00", "\\", "$root/x"),
        *("ế", "\ud7ff", "/*", "--", "\u2028", "c0ffee00-0001-4000-8000-000000000000"),
    ]
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    words=st.lists(WORDS, max_size=12),
    noise=st.text(max_size=12),
    parameter=st.sampled_from(["filter", "orderby", "select", "search", "skiptoken", "top"]),
)
def test_whatever_is_asked_is_answered_or_refused(ask, words, noise, parameter):
    for text in (" ".join(words), "".join(words) + noise):
        if not any(0xD800 <= ord(c) <= 0xDFFF for c in text):
            answer = ask(**{parameter: text})
            assert answer.status_code in (200, 400, 501), (text, answer.text)


def test_all_words_of_a_search_are_in_the_label_or_a_property(ask):
    make(ask, "Đặng Thị Lan", status="học 100% giờ")
    make(ask, "Đặng Văn Nam", status="nghỉ")

    assert labels(ask(search="lan")) == ["Đặng Thị Lan"]
    assert len(labels(ask(search="đặng"))) == 2
    assert len(labels(ask(search="ĐẶNG"))) == 2
    assert labels(ask(search="học đặng")) == ["Đặng Thị Lan"]
    assert labels(ask(search="100%")) == ["Đặng Thị Lan"]
    assert labels(ask(search="1_0")) == []
    assert labels(ask(search="đặng\0nam")) == ["Đặng Văn Nam"]
    assert labels(ask(search="lan nghỉ")) == []
    assert len(ask(f"{LISTS}/child/entities", search="nghỉ").get_json()) == 1
    assert "Nam" in ask(f"{LISTS}/child/entities.csv", search="nghỉ").text


def test_a_list_with_many_properties_is_searched(ask):
    dataset = f"{LISTS}/wide"
    ask(LISTS, method="POST", body={"name": "wide"})
    with transaction():
        [facts] = [f for f in load_datasets(1).values() if f.name == "wide"]
        for number in range(300):
            add_property(facts.id, f"p{number}")
        touch_catalogue(1)
    make(ask, "Lan", f"{dataset}/entities", p299="Ở cuối")

    found = ask(f"{dataset}.svc/Entities", search="Ở ế Ế ô Ô ơ Ơ cuối CUỐI lan").get_json()
    assert found["value"] == []
    assert labels(ask(f"{dataset}.svc/Entities", search="ở cuối LAN")) == ["Lan"]


def test_a_csv_that_is_filtered_has_no_tag(ask):
    path = f"{LISTS}/child/entities.csv"
    tag = ask(path).headers["ETag"]

    answer = ask(path, headers={"If-None-Match": tag}, filter="__system/conflict eq null")

    assert (answer.status_code, answer.headers.get("ETag")) == (200, None)
    assert ask(path, headers={"If-None-Match": tag}).status_code == 304


def test_the_list_shows_the_trash_or_conflicts(ask):
    ids = {label: make(ask, label) for label in ("soft", "hard", "none", "gone")}
    ask(f"{LISTS}/child/entities/{ids['gone']}", method="DELETE")
    with db.engine.begin() as connection:
        for label in ("soft", "hard"):
            changed = update(Entity).where(Entity.uuid == ids[label]).values(conflict=label)
            connection.execute(changed)

    def listed(query: str) -> list[str]:
        found = ask(f"{LISTS}/child/entities?{query}").get_json()
        return [entity["currentVersion"]["label"] for entity in found]

    assert listed("") == ["none", "hard", "soft"]
    assert listed("deleted=true") == ["gone"]
    assert listed("conflict=soft") == ["soft"]
    assert listed("conflict=soft&conflict=hard") == ["hard", "soft"]
    assert listed("conflict=true") == ["hard", "soft"]
    assert code(ask(f"{LISTS}/child/entities?conflict=x")) == 400.8


def test_duties_get_the_rows_of_their_places(ask, officer, five):
    answer = officer(count="true")

    assert labels(answer) == ["c4", "c3", "c2", "c1"]
    assert answer.get_json()["@odata.count"] == 4
    assert labels(officer(filter="1 eq 1 or __id ne 'x'")) == ["c4", "c3", "c2", "c1"]
    assert labels(officer(search="c0")) == []
    assert labels(officer(orderby="__id")) != labels(ask(orderby="__id"))
    assert labels(follow(officer, officer(top="3"))) == ["c1"]


def test_a_token_of_a_row_elsewhere_is_as_one_of_no_row(ask, officer, five):
    elsewhere = ask(top="1", skip="3", orderby="__id").get_json()
    uuid = next(row["__id"] for row in ask().get_json()["value"] if row["label"] == "c0")
    token = "01" + b64encode(json.dumps({"uuid": uuid}).encode()).decode()

    assert elsewhere["value"]
    assert ask(skiptoken=token).status_code == 200
    assert code(officer(skiptoken=token)) == 400.34


def test_what_cases_write_is_not_shown_selected_or_searched(ask, officer, tmp_path):
    only_updates = CASES.replace("victim", "child").replace("| ${mode} = 'new' |", "| |")
    publish_children(
        tmp_path, only_updates.replace("| status | Status | status", "| harm | Harm | harm")
    )
    uuid = make(officer, "Lan", commune_code=OWN)
    reason = {"X-Action-Notes": "why"}
    path = f"{LISTS}/child/entities/{uuid}?force=true"
    officer(path, method="PATCH", headers=reason, body={"data": {"harm": "hush"}})

    assert officer(headers=reason, search="hush", select="harm").get_json()["value"] == [
        {"harm": "hush"}
    ]
    for send, headers in ((ask, reason), (officer, {})):
        assert labels(send(headers=headers, search="hush")) == []
        assert code(send(headers=headers, select="harm")) == 400.23
        assert "harm" not in send(headers=headers).text
        assert "harm" not in send(f"{ROOT}/$metadata", headers=headers).text
        assert "hush" not in send(f"{LISTS}/child/entities.csv", headers=headers, search="h").text


def test_lists_of_cases_are_opened_for_a_reason(client, ask, tmp_path):
    publish_children(tmp_path, CASES)
    person("officer@x.vn", Duty("commune_officer", OWN), password_hash=hashed())
    db.session.remove()
    officer = asking(client, "officer@x.vn", PASSWORD)
    reason = {"X-Action-Notes": "why"}

    for path in ("", "/$metadata", "/Entities"):
        address = f"{LISTS}/victim.svc{path}"
        assert officer(address).status_code == 400
        assert officer(address, headers=reason).status_code == 200
        assert ask(address, headers=reason).status_code == 403


def test_nobody_and_phones_get_nothing(client, token, submit):
    submit(child_slip(new_child()))
    for path in ("", "/$metadata", "/Entities"):
        assert client.get(f"{ROOT}{path}").status_code == 401
        assert client.get(f"{ROOT}{path}?st={token}").status_code == 404
    assert client.get(f"{LISTS}/{quote('không')}.svc/Entities").status_code == 401
