"""The profile `deidentified`: nothing that leads to anybody, for a purpose and a time."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from exports.formats import FORMATS
from server.actions.assigning import Duty
from server.actions.installation import publish_workbook
from server.cli.common import operator, settings, storage
from server.db import db, transaction
from server.demo import Village, iter_slips
from server.jobs import KINDS, run_next
from server.jobs.surroundings import Surroundings
from server.models import ExportSchedule, Release
from server.queries.forms import get_current_version, get_form
from server.queries.projects import get_project
from tests.helpers.duties import PASSWORD, hashed, person, publish_all, receive, slip
from tests.helpers.people import bearer, browser, sign_in
from tests.helpers.released import iter_texts, without_pseudonyms
from tests.helpers.slips import CHILD_SITUATION
from tests.helpers.sql import list_audits

READER, OFFICER = "reader@example.vn", "officer@example.vn"
FORM = "/v1/projects/1/forms/child_situation"
CASES = "/v1/projects/1/forms/abuse_report"
VILLAGES = CHILD_SITUATION.parent / "media" / "villages.csv"
WORDS = {"profile": "deidentified", "purpose": "Đánh giá", "recipient": "Viện Dinh dưỡng"}
SECRETS = (
    *("respondent_name", "hh_head_name", "hh_phone", "address_detail", "village_name"),
    *("child_name", "child_pid", "caregiver_name", "school_name", "comments", "hh_uid"),
    *("child_uid", "deviceid", "instanceID", "instanceName", "child_dob", "child_dob_eff"),
    *("start", "end", "consent_at", "username", "ch_hh", "hh_village", "ch_village"),
)
sqlite_only = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def made_slips() -> list[bytes]:
    with VILLAGES.open(encoding="utf-8-sig", newline="") as file:
        villages = [Village(*row.values()) for row in csv.DictReader(file)]
    version = get_current_version(get_form(1, "child_situation")).version
    return list(iter_slips(villages, count=90, seed=5, version=version, today=date(2026, 11, 23)))


def publish_shipped(_: Path) -> None:
    with transaction():
        publish_workbook(
            *(CHILD_SITUATION, VILLAGES.parent),
            project=get_project(),
            storage=storage(),
            by=operator(),
        )


def receive_slips(_: Path) -> None:
    for xml in made_slips():
        receive(xml)
    for number in range(3):
        receive(slip("abuse_report", f"uuid:{number}", commune="12472", on="2026-11-20"))


def add_readers(_: Path) -> None:
    person(READER, Duty("viewer"), password_hash=hashed())
    person(OFFICER, Duty("commune_officer", "12472"), password_hash=hashed())


@pytest.fixture
def scene():
    return publish_all, publish_shipped, add_readers, receive_slips


@pytest.fixture
def ask(app):
    client = browser(app)
    signed: dict[str, dict[str, str]] = {}

    def ask(method: str, path: str, email: str = READER, *, json=None, query=None, **more: str):
        if email not in signed:
            signed[email] = bearer(sign_in(client, email, PASSWORD))
        headers = {**signed[email], **more}
        return client.open(
            path, method=method, json=json, query_string=query, headers=headers, buffered=True
        )

    return ask


@pytest.fixture
def until() -> str:
    return (date.today() + timedelta(days=30)).isoformat()


@pytest.fixture
def release(ask, until) -> int:
    """One that a first file began."""
    answer = ask("GET", f"{FORM}/export", query={**WORDS, "until": until})
    assert answer.status_code == 200, answer.text
    return list_audits("release.create")[0].actee_id


@pytest.fixture
def get(ask, release):
    """A further file of that release."""

    def get(path: str = f"{FORM}/export", **query: object) -> bytes:
        asked = {"profile": "deidentified", "release": release, **query}
        answer = ask("GET", path, query=asked)
        assert answer.status_code == 200, answer.text
        return answer.data

    return get


def work() -> None:
    while run_next(Surroundings.of(settings(), storage())):
        db.session.remove()
    db.session.remove()


def files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def change_release(**columns: object) -> None:
    with transaction():
        for name, value in columns.items():
            setattr(db.session.scalars(db.select(Release)).one(), name, value)
    db.session.remove()


def leaves() -> list[tuple[str, str]]:
    elements = (e for xml in made_slips() for e in ElementTree.fromstring(xml).iter())
    return [(e.tag.rpartition("}")[2], e.text.strip()) for e in elements if (e.text or "").strip()]


@sqlite_only
def test_no_format_says_anything_that_leads_to_anybody(get):
    told = leaves()
    secrets = {text for name, text in told if name in SECRETS and len(text) > 4}
    places = {part for name, text in told if name == "hh_gps" for part in text.split()[:2]}
    assert len(secrets) > 500
    assert len(places) > 50

    for format_ in FORMATS:
        labels = "vi" if format_ in ("csv", "sav", "xlsx") else "none"
        content = get(format=format_, labels=labels, split="both", by="commune")
        said = without_pseudonyms("\n".join(iter_texts("child_situation.zip", content)))
        near = [s for s in secrets | places if s in said]
        found = [s for s in near if re.search(rf"(?<!\w){re.escape(s)}(?!\w)", said)]
        assert not found, format_
        assert not re.search(r"uuid:|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-", said), format_


def test_rows_belong_together_and_the_same_is_the_same_bytes(get):
    one, two, ndjson = get(), get(), get(format="ndjson")
    households = rows(files(one)["child_situation.csv"])
    children = rows(files(one)["child_situation-rep_child.csv"])

    assert one == two
    keys = {row["KEY"] for row in households}
    assert len(keys) == len(households) == 90
    assert {row["PARENT_KEY"] for row in children} <= keys
    assert all(re.fullmatch("p[0-9a-f]{20}", key) for key in keys)
    assert all(key.encode() in files(ndjson)["child_situation.ndjson"] for key in keys)
    assert re.fullmatch(r"\d{4}-\d\d", households[0]["SubmissionDate"])


@sqlite_only
def test_another_release_has_other_pseudonyms(ask, get, until):
    other = ask("GET", f"{FORM}/export", query={**WORDS, "until": until})

    keys = [
        {row["KEY"] for row in rows(files(content)["child_situation.csv"])}
        for content in (get(), other.data)
    ]
    assert not keys[0] & keys[1]


@sqlite_only
def test_the_cover_is_beside_the_tables(get, release, until):
    cover = files(get())["_release.txt"].decode("utf-8-sig")

    day = date.fromisoformat(until)
    for line in (
        f"Lần giao số: {release}",
        "Mục đích: Đánh giá",
        "Bên nhận: Viện Dinh dưỡng",
        f"Xoá chậm nhất ngày {day:%d/%m/%Y}",
        f"To be destroyed by {until}",
        "91/2025/QH15",
        "Law 91/2025/QH15",
        "child_situation",
    ):
        assert line in cover
    [k] = re.findall(r"^k = (\d+):.*nhỏ nhất", cover, re.MULTILINE)
    assert int(k) >= 5
    assert re.search(r"trước khi làm thô: \d+ dòng thuộc nhóm có dưới 5 dòng", cover)
    assert re.search(r"Withheld – leads straight to a person: .*hh_head_name", cover)
    assert re.search(r"Made coarser – an age band: .*age_band", cover)


@sqlite_only
def test_a_workbook_says_it_too(get):
    import openpyxl

    [book] = [content for name, content in files(get(format="xlsx")).items() if ".xlsx" in name]
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Giới thiệu"]

    said = [row[1].value for row in sheet.iter_rows() if row[0].value == "Lần giao"]
    assert "Bên nhận: Viện Dinh dưỡng" in said


def test_by_commune_classes_are_counted_over_the_whole_file(get):
    whole, parts = files(get()), files(get(by="commune"))

    assert parts["_release.txt"] == whole["_release.txt"]
    index = rows(parts["_index.csv"])
    for table in ("child_situation.csv", "child_situation-rep_child.csv"):
        together = [r for i in index for r in rows(parts[f"{i['path']}/{table}"])]
        key = lambda row: row["KEY"]  # noqa: E731
        assert sorted(together, key=key) == sorted(rows(whole[table]), key=key)
    for entry in index:
        found = rows(parts[f"{entry['path']}/child_situation.csv"])
        assert len(found) == int(entry["submissions"])
        assert {row["commune"] for row in found} == {entry["code"]}


@sqlite_only
def test_columns_are_chosen_after_it(get):
    everything = files(get())
    some = files(get(column=["g_id-child_sex", "age_band"]))

    assert list(some) == ["_release.txt", "child_situation-rep_child.csv"]
    wanted = rows(some["child_situation-rep_child.csv"])
    assert set(wanted[0]) >= {"age_band", "PARENT_KEY", "KEY"}
    whole = rows(everything["child_situation-rep_child.csv"])
    assert wanted == [{name: row[name] for name in wanted[0]} for row in whole]


@sqlite_only
@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({**WORDS}, 400.154, "until"),
        ({"profile": "deidentified"}, 400.154, "purpose, recipient, until"),
        ({**WORDS, "purpose": " ", "until": "2999-01-01"}, 400.154, "purpose"),
        ({**WORDS, "release": 1}, 400.154, "release"),
        ({**WORDS, "until": "2020-01-01"}, 400.8, "until"),
        ({"purpose": "x"}, 400.155, "purpose"),
        ({"grid": True}, 400.155, "grid"),
        ({**WORDS, "until": "2999-01-01", "format": "attachments"}, 400.153, "attachments"),
        ({**WORDS, "until": "2999-01-01", "format": "workbook"}, 400.153, "workbook"),
        ({**WORDS, "until": "2999-01-01", "by": "village"}, 400.153, "village"),
        ({**WORDS, "until": "2999-01-01", "by": "collaborator"}, 400.153, "collaborator"),
        ({**WORDS, "until": "2999-01-01", "columns": ["g_hh-hh_head_name"]}, 400.156, "head_name"),
        ({"profile": "deidentified", "release": 99}, 404.1, "99"),
        ({"profile": "secret"}, 400.8, "profile"),
        ({"profile": "deidentified", "release": "1e3"}, 400.8, "release"),
    ],
)
def test_what_is_refused(ask, asked, code, words):
    answer = ask("POST", f"{FORM}/exports", json=asked)

    assert answer.get_json()["code"] == code
    assert words in answer.get_json()["message"]
    assert not list_audits("release.create")


def test_a_job_a_command_and_an_address_write_the_same(ask, get, installation, release, tmp_path):
    out = tmp_path / "x.zip"
    profile = ("--profile", "deidentified", "--release", release)
    installation.run("exports", "write", "child_situation", "--out", out, *profile)
    asked = {"profile": "deidentified", "release": release}
    made = ask("POST", f"{FORM}/exports", json=asked).get_json()
    work()
    job = ask("GET", f"/v1/projects/1/exports/{made['id']}/file")

    assert job.data == out.read_bytes() == get()
    assert made["request"]["release"] == release
    entry = list_audits("form.submission.export")[-1].details
    assert (entry["profile"], entry["release"]) == ("deidentified", release)
    assert (entry["purpose"], entry["recipient"]) == ("Đánh giá", "Viện Dinh dưỡng")


@sqlite_only
def test_a_release_ends_with_its_day(ask, get, installation, release):
    made = ask("POST", f"{FORM}/exports", json={"profile": "deidentified", "release": release})
    work()
    change_release(until=date(2026, 1, 1))

    query = {"profile": "deidentified", "release": release}
    file = ask("GET", f"/v1/projects/1/exports/{made.get_json()['id']}/file")
    further = ask("GET", f"{FORM}/export", query=query)
    assert file.get_json()["code"] == further.get_json()["code"] == 409.165
    KINDS["forget_exports"](Surroundings.of(settings(), storage()))
    [row] = installation.run_json("exports", "releases", "list")
    assert (row["key"], row["purpose"], row["recipient"]) == (
        *("destroyed", "Đánh giá", "Viện Dinh dưỡng"),
    )
    assert [entry.actee_id for entry in list_audits("release.end")] == [release]
    change_release(until=date(2999, 1, 1))
    assert ask("GET", f"{FORM}/export", query=query).get_json()["code"] == 409.165


@sqlite_only
def test_its_key_is_told_nowhere(release, installation, get):
    sealed = db.session.scalars(db.select(Release.key_sealed)).one()
    db.session.remove()

    said = installation.run("exports", "releases", "list", "--json")
    assert sealed not in said
    assert "kept" in said
    assert sealed.encode() not in get()


@sqlite_only
def test_a_schedule_goes_on_with_one_release(installation, app, until, tmp_path):
    words = [f for n, v in {**WORDS, "until": until}.items() for f in (f"--{n}", v)]
    chosen = ("--every", "day", "--to", tmp_path / "kept", *words)
    installation.run("exports", "schedule", "add", "child_situation", *chosen)

    [schedule] = db.session.scalars(db.select(ExportSchedule))
    [release] = db.session.scalars(db.select(Release))
    assert schedule.request["release"] == release.id
    assert schedule.request["purpose"] == ""


@sqlite_only
def test_a_single_file_has_no_room_for_the_cover(installation, app, until, tmp_path):
    words = [f for n, v in {**WORDS, "until": until}.items() for f in (f"--{n}", v)]
    command = ("exports", "write", "child_situation", "--format", "xlsx", *words)

    said = installation.run(*command, "--out", tmp_path / "x.xlsx", status=2)
    told = installation.run_json(*command, "--out", tmp_path / "folder")

    assert ".zip or a folder" in said
    assert told["release"] == db.session.scalars(db.select(Release.id)).one()
    assert {"_release.txt", "child_situation.xlsx"} <= {
        p.name for p in (tmp_path / "folder").iterdir()
    }


@sqlite_only
def test_restricted_forms_need_the_duty_and_a_reason_also_here(ask, until):
    query = {**WORDS, "until": until}
    because = {"X-Action-Notes": "x"}

    viewer = ask("GET", f"{CASES}/export", query=query, **because)
    unsaid = ask("GET", f"{CASES}/export", OFFICER, query=query)
    officer = ask("GET", f"{CASES}/export", OFFICER, query=query, **because)

    assert (viewer.status_code, unsaid.get_json()["code"]) == (403, 400.121)
    assert officer.status_code == 200
    assert len(list_audits("release.create")) == 1
    said = "".join(iter_texts("x.zip", officer.data))
    assert "Lan" not in said
    assert "uuid" not in said
