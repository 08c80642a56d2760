"""…/exports: the same bytes as by command, for whom the gate lets have them."""

from __future__ import annotations

import zipfile
from datetime import timedelta

import pytest

from server.actions.assigning import Duty
from server.actions.erasing import Erasure, erase_submission
from server.actions.exporting import at_once
from server.cli.common import operator, settings, storage
from server.db import db, transaction, utc_now
from server.jobs import KINDS, run_next
from server.jobs.surroundings import Surroundings
from server.models import Assignment, Export, ExportState, Submission
from tests.helpers.duties import PASSWORD, hashed, person, publish_all, receive, slip
from tests.helpers.people import bearer, browser, sign_in
from tests.helpers.sql import list_audits

OFFICER, OTHER, READER = "officer@example.vn", "other@example.vn", "reader@example.vn"
EXPORTS = "/v1/projects/1/exports"
everywhere = pytest.mark.parametrize(
    "installation", ["sqlite", "postgresql", "store"], indirect=True
)
OF_FORM = "/v1/projects/1/forms/children"
FOR = {"X-Action-Notes": "the%20month"}


def add_readers(_: object) -> None:
    for email, unit in ((OFFICER, "12472"), (OTHER, "12511")):
        person(email, Duty("commune_officer", unit), password_hash=hashed())
    person(READER, Duty("viewer"), password_hash=hashed())


def receive_slips(_: object) -> None:
    for form in ("children", "abuse_report"):
        for name, commune in (("a", "12472"), ("b", "12511"), ("c", "12472")):
            receive(slip(form, f"uuid:{form}-{name}", commune=commune, on="2026-11-20", name=name))


@pytest.fixture
def scene():
    return publish_all, add_readers, receive_slips


@pytest.fixture
def ask(app):
    client = browser(app)
    signed: dict[str, dict[str, str]] = {}

    def ask(method: str, path: str, email: str = READER, *, json=None, **headers: str):
        if email and email not in signed:
            signed[email] = bearer(sign_in(client, email, PASSWORD))
        headers = {**signed.get(email, {}), **headers}
        return client.open(path, method=method, json=json, headers=headers, buffered=True)

    return ask


@pytest.fixture
def make(app, ask):
    """Have an export written; its path."""

    def make(email: str = READER, form: str = OF_FORM, **asked: object) -> str:
        made = ask("POST", f"{form}/exports", email, json=asked, **FOR)
        assert made.status_code == 201, made.text
        work()
        return f"{EXPORTS}/{made.get_json()['id']}"

    return make


def work() -> None:
    while run_next(Surroundings.of(settings(), storage())):
        db.session.remove()
    db.session.remove()


def files() -> list[str]:
    return [kept.key.partition("/")[2] for kept in storage().iter_kept("exports")]


def change(export_id: int, **columns: object) -> None:
    with transaction():
        export = db.session.get_one(Export, export_id)
        for name, value in columns.items():
            setattr(export, name, value)
    db.session.remove()


def erase(instance_id: str) -> None:
    query = db.select(Submission.id).where(Submission.instance_id == instance_id)
    with transaction():
        erase_submission(Erasure(db.session.scalars(query).one()), by=operator())
    db.session.remove()


@pytest.mark.parametrize(
    ("asked", "query", "command", "suffix"),
    [
        ({}, "", (), "zip"),
        (
            {"format": "xlsx", "labels": "vi", "units": ["12472"], "columns": ["name"]},
            "?format=xlsx&labels=vi&unit=12472&column=name",
            ("--format", "xlsx", "--labels", "vi", "--unit", "12472", "--column", "name"),
            "xlsx",
        ),
        (
            {"by": "commune", "edition": "current", "olderFields": False, "to": "2030-01-01"},
            "?by=commune&edition=current&olderFields=false&to=2030-01-01",
            ("--by", "commune", "--edition", "current", "--no-older-fields", "--to", "2030-01-01"),
            "zip",
        ),
        (
            {"format": "workbook", "units": ["12472"], "labels": "en"},
            "?format=workbook&unit=12472&labels=en",
            ("--format", "workbook", "--unit", "12472", "--labels", "en"),
            "xlsx",
        ),
        ({"format": "workbook"}, "?format=workbook", ("--format", "workbook"), "zip"),
        ({"format": "attachments"}, "?format=attachments", ("--format", "attachments"), "zip"),
    ],
)
def test_a_command_a_job_and_an_address_give_the_same_bytes(
    installation, ask, make, tmp_path, asked, query, command, suffix
):
    out = tmp_path / f"x.{suffix}"
    installation.run("exports", "write", "children", "--out", out, *command)

    made = ask("GET", f"{make(**asked)}/file")
    at_once = ask("GET", f"{OF_FORM}/export{query}")

    assert made.status_code == at_once.status_code == 200
    assert made.data == at_once.data == out.read_bytes()
    assert made.headers["Content-Disposition"] == f"attachment; filename=children.{suffix}"
    assert at_once.headers["Content-Disposition"] == made.headers["Content-Disposition"]
    assert at_once.headers["Cache-Control"] == made.headers["Cache-Control"] == "no-store"
    assert len(files()) == 1


def test_what_is_told_of_an_export(ask, make):
    made = ask("POST", f"{OF_FORM}/exports", json={"format": "ndjson"}).get_json()
    path = f"{EXPORTS}/{made['id']}"
    early = ask("GET", f"{path}/file")
    work()
    done = ask("GET", path).get_json()

    assert (made["state"], made["xmlFormId"], made["filename"]) == (
        "waiting",
        "children",
        "children.ndjson",
    )
    assert made["request"]["format"] == "ndjson"
    assert made["request"]["groupPrefixes"] is True
    assert early.get_json()["code"] == 409.162
    assert done["state"] == "done"
    assert done["progress"] == {"done": 3, "total": 3, "percent": 100, "secondsLeft": None}
    assert done["size"] == len(ask("GET", f"{path}/file").data)
    assert done["expiresAt"] > done["finishedAt"] >= done["startedAt"]
    assert ask("GET", EXPORTS).get_json() == [done]


@everywhere
def test_a_broken_download_goes_on(ask, make):
    path = make()
    whole = ask("GET", f"{path}/file").data

    part = ask("GET", f"{path}/file", Range="bytes=10-19")

    assert (part.status_code, part.data) == (206, whole[10:20])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"format": "doc"}, 400.8),
        ({"format": 7}, 400.8),
        ({"by": "region"}, 400.8),
        ({"edition": "next"}, 400.8),
        ({"values": "all"}, 400.8),
        ({"split": True}, 400.8),
        ({"from": "soon"}, 400.8),
        ({"review": ["good"]}, 400.8),
        ({"units": ["1\0"]}, 400.8),
        ({"units": "12472"}, 400.11),
        ({"labels": 1}, 400.11),
        ({"deleted": "true"}, 400.11),
        ({"from": "2026-02-01", "to": "2026-01-01"}, 400.42),
        ({"unit": ["12472"]}, 400.31),
        ({"columns": ["none"]}, 400.151),
        ({"labels": "fr"}, 400.152),
        ({"units": ["99999"]}, 404.1),
        ({"edition": "1900-01-01"}, 404.1),
    ],
)
def test_what_is_not_known_is_refused_before_anything_is_written(ask, asked, code):
    refused = ask("POST", f"{OF_FORM}/exports", json=asked)

    assert refused.get_json()["code"] == code
    assert ask("GET", EXPORTS).get_json() == []


@pytest.mark.parametrize(
    ("query", "code"),
    [("?format=doc", 400.8), ("?deleted=1", 400.8), ("?units=12472", 400.31), ("?unit=9", 404.1)],
)
def test_so_it_is_in_an_address(ask, query, code):
    assert ask("GET", f"{OF_FORM}/export{query}").get_json()["code"] == code


def test_a_long_one_is_a_workers(ask, monkeypatch):
    monkeypatch.setattr(at_once, "LIMIT", 2)

    refused = ask("GET", f"{OF_FORM}/export").get_json()

    assert refused["code"] == 409.161
    assert "forms/children/exports" in refused["message"]
    assert files() == []


def test_others_exports_are_not_there(app, ask, make):
    path = make()

    assert ask("GET", EXPORTS, OTHER).get_json() == []
    for method, of in (("GET", path), ("GET", f"{path}/file"), ("DELETE", path)):
        assert ask(method, of, OTHER).status_code == 404
        assert ask(method, of, "").status_code == 401
    assert ask("POST", "/v1/projects/1/forms/none/exports", json={}).status_code == 404


def test_whoever_may_read_less_by_now_gets_no_file_that_was_made_before(
    app, installation, ask, make
):
    path = make(OFFICER)
    before = ask("GET", f"{path}/file", OFFICER)
    query = db.select(Assignment.id).where(Assignment.unit_code == "12472")
    installation.run("assignments", "add", OFFICER, "commune_officer", "--unit", "12511")
    installation.run("assignments", "end", db.session.scalars(query).one())
    db.session.remove()

    assert before.status_code == 200
    assert ask("GET", f"{path}/file", OFFICER).get_json()["code"] == 403.1


def test_an_account_that_ended_gets_nothing_written(app, installation, ask):
    made = ask("POST", f"{OF_FORM}/exports", json={}).get_json()
    installation.run("users", "disable", READER)

    work()

    export = db.session.get_one(Export, made["id"])
    assert (export.state, export.error_code) == (ExportState.FAILED, "403.1")
    assert files() == []


def test_restricted_forms_are_exported_and_fetched_for_a_stated_reason(app, ask, make):
    cases = "/v1/projects/1/forms/abuse_report"
    path = make(OFFICER, cases)

    assert ask("POST", f"{cases}/exports", OFFICER, json={}).get_json()["code"] == 400.121
    assert ask("GET", f"{cases}/export", OFFICER).get_json()["code"] == 400.121
    assert ask("GET", f"{path}/file", OFFICER).get_json()["code"] == 400.121
    assert ask("GET", f"{path}/file", OFFICER, **FOR).status_code == 200
    assert ask("POST", f"{cases}/exports", json={}, **FOR).get_json()["code"] == 403.1
    assert [row.notes for row in list_audits("form.submission.export")] == ["the month"] * 2


def test_a_book_that_tells_of_cases_is_fetched_as_they_are_read(app, installation, ask, make):
    path = make(OFFICER, format="workbook", units=["12472"])
    query = db.select(Assignment.id).where(Assignment.unit_code == "12472")
    assert ask("GET", f"{path}/file", OFFICER).get_json()["code"] == 400.121
    assert ask("GET", f"{path}/file", OFFICER, **FOR).status_code == 200

    installation.run("assignments", "add", OFFICER, "viewer", "--project", 1)
    installation.run("assignments", "end", db.session.scalars(query).one())
    db.session.remove()

    assert ask("GET", f"{path}/file", OFFICER, **FOR).get_json()["code"] == 403.1


def test_an_erasure_takes_every_book_with_it(app, ask, make):
    path, table = make(OFFICER, format="workbook"), make(OFFICER)
    erase("uuid:abuse_report-b")
    work()

    assert ask("GET", path, OFFICER).get_json()["error"]["code"] == 409.163
    assert ask("GET", f"{table}/file", OFFICER).status_code == 200
    assert len(files()) == 1


@everywhere
def test_an_export_is_cancelled_and_one_that_is_over_is_removed(app, ask, make):
    waiting = ask("POST", f"{OF_FORM}/exports", json={}).get_json()["id"]
    cancelled = ask("DELETE", f"{EXPORTS}/{waiting}")
    work()
    told = ask("GET", f"{EXPORTS}/{waiting}").get_json()
    path = make()
    kept = files()
    removed = ask("DELETE", path)
    work()

    assert cancelled.get_json() == removed.get_json() == {"success": True}
    assert (told["state"], told["size"]) == ("cancelled", None)
    assert len(kept) == 1
    assert files() == []
    assert ask("GET", path).status_code == 404


@everywhere
def test_files_go_when_their_time_is_over(app, ask, make):
    path = make()
    change(1, expires_at=utc_now() - timedelta(seconds=1))
    over = ask("GET", f"{path}/file")

    KINDS["forget_exports"](Surroundings.of(settings(), storage()))

    assert over.status_code == 404
    assert files() == []
    assert ask("GET", EXPORTS).get_json() == []


@everywhere
def test_an_erasure_takes_the_files_of_its_form_with_it(app, ask, make):
    path, other = make(), make(OFFICER, "/v1/projects/1/forms/abuse_report")
    erase("uuid:children-b")
    told = ask("GET", f"{path}/file"), ask("GET", path).get_json()
    work()

    assert told[0].get_json()["code"] == 409.162
    assert (told[1]["state"], told[1]["error"]["code"]) == ("failed", 409.163)
    assert len(files()) == 1
    assert ask("GET", f"{other}/file", OFFICER, **FOR).status_code == 200


def test_what_is_being_written_begins_anew_after_an_erasure(app, ask, make):
    made = ask("POST", f"{OF_FORM}/exports", json={}).get_json()
    change(made["id"], state=ExportState.RUNNING, attempt=1)
    erase("uuid:children-a")
    waiting = ask("GET", f"{EXPORTS}/{made['id']}").get_json()
    work()

    assert waiting["state"] == "waiting"
    assert ask("GET", f"{EXPORTS}/{made['id']}").get_json()["state"] == "done"


def test_a_download_is_in_the_audit_log(app, ask, make):
    path = make()
    ask("GET", f"{path}/file")

    logged = list_audits("form.submission.export")
    assert [(row.source == "job", row.details.get("export")) for row in logged] == [
        (True, 1),
        (False, 1),
    ]


def test_the_file_holds_what_its_owner_may_read(ask, make, tmp_path):
    path = make(OFFICER)
    (tmp_path / "x.zip").write_bytes(ask("GET", f"{path}/file", OFFICER).data)

    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        text = archive.read("children.csv").decode()
    assert "uuid:children-a" in text
    assert "uuid:children-b" not in text


def test_of_a_commune_one_may_not_see_there_is_no_empty_file(ask, make):
    mine = f"{OF_FORM}/export?unit=12472&unit=12511"

    assert ask("GET", f"{OF_FORM}/export?unit=12511", OFFICER).get_json()["code"] == 403.1
    asked = ask("POST", f"{OF_FORM}/exports", OFFICER, json={"units": ["12511"]})
    assert asked.get_json()["code"] == 403.1
    assert ask("GET", mine, OFFICER).status_code == 200
