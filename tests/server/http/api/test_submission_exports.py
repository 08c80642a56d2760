"""Submissions as Central lays them out (central-api.md §11, §12), read by csv and zipfile."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from urllib.parse import quote

import pytest

from exports.options import Options
from forms.workbooks import compile_workbook
from server.actions.assigning import Duty
from server.actions.exporting.central import CentralExport, CentralOrder
from server.actions.exporting.writing import Installed
from server.cli.common import operator, settings, storage
from server.db import db, snapshot, transaction
from server.models import ReviewState, Submission
from server.queries.exports import ExportScope
from server.queries.forms import get_form
from tests.helpers.duties import PASSWORD, hashed, person, receive
from tests.helpers.people import ALICE, add_people, bearer, browser, sign_in
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import HOUSES, house, write_workbook
from tests.helpers.sql import list_audits
from tests.helpers.visits import publish

BASE = "/v1/projects/1/forms/houses/submissions.csv"
ZIP = f"{BASE}.zip"
DRAFT = BASE.replace("/submissions", "/draft/submissions")
HEADER = (
    "SubmissionDate,day,commune,head,g-size,g-needs,g-gps-Latitude,g-gps-Longitude,"
    "g-gps-Altitude,g-gps-Accuracy,meta-instanceID,KEY,SubmitterID,"
    "SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,"
    "FormVersion"
)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
sqlite_only = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
AWKWARD = """
| survey |
| | type | name | label |
| | text | KEY | Key |
| | audit | audit | |
| | begin_group | a | A |
| | text | q | Q |
| | begin_repeat | thing | Thing |
| | text | q | Q |
| | begin_repeat | part.1-x | Part |
| | image | photo | Photo |
| | end_repeat | | |
| | end_repeat | | |
| | end_group | | |
| | begin_group | b | B |
| | text | q | Q |
| | begin_repeat | twin | Thing |
| | text | q | Q |
| | end_repeat | | |
| | end_group | | |
| settings |
| | form_id | form_title | version |
| | awkward_id | Awkward | 1 |
"""
AWKWARD_ID = "=+/*-451%:✅"
LOG = b'event,node,start,end,old-value\nquestion,/data/KEY,1,2,"a,""b"\n'


@pytest.fixture
def scene():
    return offer_houses, add_people


@pytest.fixture
def client(app):
    return browser(app)


@pytest.fixture
def get(client):
    """What alice downloads, read whole inside the request as by a server."""
    signed = bearer(sign_in(client))

    def send(path: str = BASE, *, method: str = "GET", headers=None, **options):
        return client.open(
            path, method=method, headers=signed | (headers or {}), buffered=True, **options
        )

    return send


@pytest.fixture
def change(app):
    """Set columns of a submission."""

    def set_columns(name: str, **columns) -> None:
        with transaction():
            query = db.select(Submission).where(Submission.instance_id == name)
            for column, value in columns.items():
                setattr(db.session.scalars(query).one(), column, value)

    return set_columns


@pytest.fixture
def awkward(app, tmp_path) -> str:
    """The path of a form of names that pyxform does not take, published as an XForm."""
    xform = compile_workbook(AWKWARD.encode(), file_type=".md").xform.decode()
    xform = xform.replace("awkward_id", AWKWARD_ID).replace("twin", "thing")
    path = tmp_path / "awkward.xml"
    path.write_text(xform, encoding="utf-8")
    publish(path)
    return f"/v1/projects/1/forms/{quote(AWKWARD_ID, safe='')}/submissions.csv"


def edit(instance_id: str, of: str, **answers) -> bytes:
    mark = f"<deprecatedID>{of}</deprecatedID>".encode()
    return house(instance_id, **answers).replace(b"<meta>", b"<meta>" + mark)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def members(answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def keys(answer) -> list[str]:
    return [row["KEY"] for row in rows(answer.data)]


def test_the_form_s_own_rows_are_as_central_lays_them_out(get, submit, change):
    submit(house("uuid:1", head='=a "b", c\nd', commune=" 007"))
    submit(house("uuid:2"))
    submit(edit("uuid:3", "uuid:1", head='=a "b", c\nd', commune=" 007"))

    answer = get()

    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    disposition = answer.headers["Content-Disposition"]
    assert disposition == "attachment; filename=\"houses.csv\"; filename*=UTF-8''houses.csv"
    assert answer.data.startswith(f"{HEADER}\n".encode())
    assert b"\r" not in answer.data
    [new, old] = rows(answer.data)
    assert STAMP.fullmatch(new.pop("SubmissionDate"))
    assert new == {
        "day": "2026-11-20", "commune": "12472", "head": "Nguyễn Văn An", "g-size": "4",
        "g-needs": "01 02", "g-gps-Latitude": "20.5", "g-gps-Longitude": "106.3",
        "g-gps-Altitude": "0", "g-gps-Accuracy": "4.5", "meta-instanceID": "uuid:2",
        "KEY": "uuid:2", "SubmitterID": old["SubmitterID"],
        "SubmitterName": "bob", "AttachmentsPresent": "0", "AttachmentsExpected": "0",
        "Status": "", "ReviewState": "", "DeviceID": "collect:0000000000000000", "Edits": "0",
        "FormVersion": "1",
    }  # fmt: skip
    assert (old["KEY"], old["meta-instanceID"]) == ("uuid:1", "uuid:3")
    assert (old["Edits"], old["ReviewState"]) == ("1", "edited")
    assert (old["head"], old["commune"]) == ('=a "b", c\nd', " 007")
    assert int(old["SubmitterID"]) > 0
    change("uuid:1", review_state=ReviewState.HAS_ISSUES)
    assert rows(get().data)[1]["ReviewState"] == "hasIssues"


def test_a_zip_has_repeats_and_files(get, submit):
    child = ("Bình", "1", "giấy.pdf")
    submit(house("uuid:1", children=(child, ("An", "2", "b.pdf"))), ("giấy.pdf", b"%PDF 1"))
    submit(house("uuid:2", children=(child,)), ("giấy.pdf", b"%PDF 2"))

    answer = get(ZIP)

    found = members(answer)
    assert answer.headers["Content-Disposition"].endswith("houses.zip")
    assert list(found) == [
        "houses.csv", "houses-child.csv", "media/giấy.pdf", "media/giấy~2.pdf"
    ]  # fmt: skip
    assert [found[f"media/{name}"] for name in ("giấy.pdf", "giấy~2.pdf")] == [b"%PDF 2", b"%PDF 1"]
    assert found["houses-child.csv"].decode() == (
        "name,sex,paper,PARENT_KEY,KEY\n"
        "Bình,1,giấy.pdf,uuid:2,uuid:2/child[1]\n"
        "Bình,1,giấy.pdf,uuid:1,uuid:1/child[1]\n"
        "An,2,b.pdf,uuid:1,uuid:1/child[2]\n"
    )
    assert found["houses.csv"] == get().data
    [_, first] = rows(found["houses.csv"])
    assert (first["AttachmentsPresent"], first["AttachmentsExpected"]) == ("1", "2")
    without = get(f"{ZIP}?attachments=FALSE")
    assert list(members(without)) == ["houses.csv", "houses-child.csv"]
    assert without.headers["Content-Disposition"].endswith("houses.csv.zip")


def test_nothing_received_is_tables_without_rows(get):
    assert get().data == f"{HEADER}\n".encode()
    assert list(members(get(ZIP))) == ["houses.csv", "houses-child.csv"]


def test_group_paths_and_split_columns_on_request(get, submit, change):
    submit(house("uuid:1"))
    submit(house("uuid:2").replace(b"<needs>01 02</needs>", b"<needs>zz</needs>"))
    submit(house("uuid:3").replace(b"<needs>01 02</needs>", b""))
    submit(house("uuid:4").replace(b"<needs>01 02</needs>", b"<needs>gone</needs>"))
    change("uuid:4", deleted_at=db.session.scalars(db.select(Submission.created_at)).first())

    answer = get(f"{BASE}?splitSelectMultiples=True&groupPaths=false&media=x&attachments=")

    heading = answer.data.decode().splitlines()[0]
    assert ",head,size,needs,needs/01,needs/02,needs/zz,gps-Latitude," in heading
    found = [[row[f"needs/{code}"] for code in ("01", "02", "zz")] for row in rows(answer.data)]
    assert found == [["0", "0", "0"], ["0", "0", "1"], ["1", "1", "0"]]
    assert ",g-needs/zz," in get(f"{BASE}?splitSelectMultiples=true").text


def test_fields_of_older_versions_on_request(get, submit, tmp_path):
    submit(house("uuid:1"))
    newer = HOUSES.replace("| 1       |", "| 2       |")
    newer = re.sub(r"\| \| (text +\| head|integer).*\n", "", newer)
    newer = re.sub(r"(?s)\| \| begin_repeat.*end_repeat +\|.*?\n", "", newer)
    publish(write_workbook(tmp_path, newer, "newer.xlsx"))
    submit(edit("uuid:2", "uuid:1", version="2"))

    heading = get().data.decode().splitlines()[0]

    assert heading == HEADER.replace("head,g-size,", "")
    assert rows(get().data)[0]["FormVersion"] == "1"
    assert list(members(get(ZIP))) == ["houses.csv"]
    whole = members(get(f"{ZIP}?deletedFields=true"))
    assert whole["houses.csv"].decode().splitlines()[0] == HEADER
    assert list(whole) == ["houses.csv", "houses-child.csv"]


def test_awkward_names_and_repeats_of_one_name(get, awkward):
    thing = "<thing><q>{}</q><part.1-x><photo>p.jpg</photo></part.1-x></thing>"
    receive(
        (
            f'<data id="{AWKWARD_ID}" version="1"><KEY>k</KEY><a><q>1</q>{thing.format("x")}'
            f"{thing.format('y')}</a><b><q>2</q><thing><q>z</q></thing></b>"
            "<meta><audit>audit.csv</audit><instanceID>uuid:1</instanceID></meta></data>"
        ).encode()
    )

    answer = get(f"{awkward}.zip?groupPaths=false")

    found = members(answer)
    name = "=+-451%✅"
    assert list(found) == [
        f"{name}.csv", f"{name}-thing~1.csv", f"{name}-part.1-x.csv", f"{name}-thing~2.csv"
    ]  # fmt: skip
    disposition = answer.headers["Content-Disposition"]
    assert disposition.endswith(f"filename*=UTF-8''{quote(name)}.zip")
    heading, line = list(csv.reader(io.StringIO(found[f"{name}.csv"].decode())))
    assert heading[1:4] == ["KEY", "q", "q"]
    assert line[1:4] == ["k", "1", "2"]
    assert (heading.count("KEY"), line[heading.index("KEY", 2)]) == (2, "uuid:1")
    assert found[f"{name}-thing~1.csv"].decode().splitlines()[2] == "y,uuid:1,uuid:1/a/thing[2]"
    assert found[f"{name}-thing~2.csv"].decode().splitlines()[1] == "z,uuid:1,uuid:1/b/thing[1]"
    assert found[f"{name}-part.1-x.csv"].decode().splitlines()[2] == (
        "p.jpg,uuid:1/a/thing[2],uuid:1/a/thing[2]/part.1-x[1]"
    )


def test_logs_of_filling_are_one_table(get, submit, awkward):
    for number in (1, 2):
        xml = f'<data id="{AWKWARD_ID}" version="1"><meta><audit>audit.csv</audit>'
        xml += f"<instanceID>uuid:{number}</instanceID></meta></data>"
        assert submit(xml.encode(), ("audit.csv", LOG)).status_code == 201

    found = members(get(f"{awkward}.zip"))

    assert [name for name in found if "media" in name] == []
    assert found["=+-451%✅ - audit.csv"].decode() == (
        "instance ID,event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user,"
        "change-reason\n"
        'uuid:2,question,/data/KEY,1,2,,,,"a,""b",,,\n'
        'uuid:1,question,/data/KEY,1,2,,,,"a,""b",,,\n'
    )


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("__id eq 'uuid:2'", ["2"]),
        ("__system/submissionDate ge 2026-01-05", ["3", "2", "1"]),
        ("__system/submissionDate lt 2026-01-05", []),
        ("__system/updatedAt ne null", ["1"]),
        ("__system/reviewState ne 'rejected'", ["3", "1"]),
        ("__system/reviewState eq null", ["3"]),
        ("$root/Submissions/__system/reviewState eq 'edited'", ["1"]),
        ("not (__system/reviewState eq 'rejected' or __id eq 'uuid:3')", ["1"]),
        ("__system/submitterId eq '{bob}'", ["3", "2", "1"]),
        ("__system/submitterId ne {bob}", []),
        ("__system/deletedAt ne null", ["4"]),
        ("__system/deletedAt eq null or __system/deletedAt ne null", ["4", "3", "2", "1"]),
        ("year(__system/submissionDate) gt 2000", ["3", "2", "1"]),
        ("__system/submissionDate lt now()", ["3", "2", "1"]),
    ],
)
def test_a_filter_takes_a_part(get, submit, change, filter_, expected):
    for number in range(1, 5):
        submit(house(f"uuid:{number}"))
    submit(edit("uuid:9", "uuid:1"))
    change("uuid:2", review_state=ReviewState.REJECTED)
    change("uuid:4", deleted_at=db.session.scalars(db.select(Submission.created_at)).first())
    bob = db.session.scalars(db.select(Submission.submitter_id)).first()

    asked = quote(filter_.format(bob=bob))

    assert keys(get(f"{BASE}?$filter={asked}")) == [f"uuid:{letter}" for letter in expected]
    zipped = members(get(f"{ZIP}?%24filter={asked}"))
    assert [row["KEY"] for row in rows(zipped["houses.csv"])] == [f"uuid:{x}" for x in expected]
    parents = {row["PARENT_KEY"] for row in rows(zipped["houses-child.csv"])}
    assert parents == {f"uuid:{letter}" for letter in expected}


@sqlite_only
@pytest.mark.parametrize(
    ("filter_", "code"),
    [("head eq 'a'", 501.5), ("__system/reviewState eq", 400.18), ("tolower(__id) eq 'a'", 501.4)],
)
def test_a_filter_that_is_not_understood_is_refused(get, filter_, code):
    assert get(f"{BASE}?$filter={quote(filter_)}").get_json()["code"] == code


def test_what_did_not_change_is_not_sent_again(get, submit, change):
    submit(house("uuid:1", children=(("Bình", "1", "a.pdf"),)))
    submit(house("uuid:2"))
    seen = []

    def is_new(path: str = ZIP) -> bool:
        tag = get(path).headers["ETag"]
        assert not tag.startswith("W/")
        for sent in (tag, f"W/{tag}", '"x", ' + tag):
            again = get(path, headers={"If-None-Match": sent})
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        fresh = tag not in seen
        seen.append(tag)
        return fresh

    assert is_new()
    assert not is_new()
    assert is_new(f"{ZIP}?attachments=false")
    assert is_new(f"{ZIP}?groupPaths=false")
    submit(house("uuid:1", children=(("Bình", "1", "a.pdf"),)), ("a.pdf", b"x"))
    assert is_new()
    submit(edit("uuid:3", "uuid:2"))
    assert is_new()
    change("uuid:1", review_state=ReviewState.APPROVED)
    assert is_new()
    change("uuid:1", deleted_at=db.session.scalars(db.select(Submission.created_at)).first())
    assert is_new()
    change("uuid:1", deleted_at=None)
    assert is_new()
    only_one = ZIP + "?$filter=" + quote("__id eq 'uuid:1'")
    assert is_new(only_one)
    change("uuid:2", review_state=ReviewState.REJECTED)
    assert not is_new(only_one)
    assert is_new()


def test_the_same_is_the_same_bytes(get, submit):
    submit(house("uuid:1"))

    assert get(ZIP).data == get(ZIP).data


def test_a_download_is_in_the_audit_log_and_an_unchanged_one_is_not(get, submit):
    submit(house("uuid:1"))

    tag = get(ZIP).headers["ETag"]
    get(ZIP, headers={"If-None-Match": tag})
    get(ZIP, method="HEAD")

    [audit] = list_audits("form.submission.export")
    assert audit.details == {"format": "central", "submissions": 1, "decrypted": False}


def test_who_may_not_read_gets_nothing(client, submit):
    submit(house("uuid:1", commune="12472"))
    assert client.get(BASE).status_code == 401
    for role, unit, expected in (
        ("formfill", None, 403),
        ("commune_officer", "12511", []),
        ("commune_officer", "12472", ["uuid:1"]),
    ):
        email = f"{role}-{unit}@x.vn"
        person(email, Duty(role, unit), password_hash=hashed())
        db.session.remove()
        signed = bearer(sign_in(client, email, PASSWORD))
        answer = client.get(BASE, headers=signed, buffered=True)
        assert (keys(answer) if answer.status_code == 200 else answer.status_code) == expected


@sqlite_only
def test_what_is_not_there_is_404(get):
    for path in (
        BASE.replace("houses", "none"),
        DRAFT,
    ):
        assert get(path).status_code == 404


def test_a_browser_posts_with_its_mark_and_ruodk_an_empty_body(get, submit):
    submit(house("uuid:1"))

    answers = [
        get(f"{ZIP}?deletedFields=false", method="POST"),
        get(ZIP, method="POST", json={}),
        get(ZIP, method="POST", data={"__csrf": "x"}),
    ]

    assert [next(iter(members(answer))) for answer in answers] == ["houses.csv"] * 3
    assert get(ZIP, method="POST", json={"7": 7}).get_json()["code"] == 400.11
    assert get(ZIP, method="POST", data=b"{", content_type="application/json").status_code == 400
    assert ALICE not in str([a.details for a in list_audits("form.submission.export")])


def test_what_tried_out_a_draft_is_apart_and_not_logged(get, submit, installation, tmp_path):
    submit(house("uuid:1"))
    newer = HOUSES.replace("| 1       |", "| 2       |").replace("| head    |", "| chief   |")
    workbook_ = write_workbook(tmp_path, newer, "newer.xlsx")
    told = installation.run_json("forms", "draft", workbook_)
    to = "/v1/test" + told["url"].split("/v1/test")[1]
    child = (("Bình", "1", "a.pdf"),)
    xml = house("uuid:d", version="2", children=child).replace(b"head>", b"chief>")
    assert submit(xml, ("a.pdf", b"draft"), to=to).status_code == 201

    found = members(get(f"{DRAFT}.zip"))
    [row] = rows(found["houses.csv"])

    assert get(DRAFT).data == found["houses.csv"]
    assert (row["KEY"], row["chief"], row["FormVersion"]) == ("uuid:d", "Nguyễn Văn An", "2")
    assert "head" not in row
    assert (row["SubmitterID"], row["SubmitterName"]) == ("", "")
    assert rows(found["houses-child.csv"])[0]["PARENT_KEY"] == "uuid:d"
    assert found["media/a.pdf"] == b"draft"
    assert list_audits("form.submission.export") == []
    assert keys(get()) == ["uuid:1"]


def test_a_download_is_of_one_moment_and_begins_before_its_end(app, submit):
    submit(house("uuid:1"))
    form = get_form(1, "houses")
    order = CentralOrder(ExportScope(1, form.id), Options.of_central())
    at = Installed.of(storage(), settings().secret_key, settings().tz)

    with snapshot():
        pieces = CentralExport(order, form, at=at, by=operator()).csv()
        first = next(pieces)
        _read_a_little()
        with app.app_context():
            submit(house("uuid:2"))
        rest = b"".join(pieces)

    assert first == f"{HEADER}\n".encode()
    assert [row["KEY"] for row in rows(first + rest)] == ["uuid:1"]


def _read_a_little() -> None:
    """SQLite's moment is that of the first reading."""
    db.session.scalars(db.select(Submission.id)).all()


def test_nothing_is_left_of_a_download_that_nobody_waited_for(app, client, submit, monkeypatch):
    for number in range(5):
        photo = (("Bình", "1", "a.pdf"),)
        submit(house(f"uuid:{number}", children=photo), ("a.pdf", os.urandom(300_000)))
    signed = bearer(sign_in(client))
    before = (sorted(storage().root.rglob("*")), len(os.listdir("/proc/self/fd")))
    begun = []

    for taken in (0, 1, 4):
        answer = client.get(ZIP, headers=signed)
        begun.append([next(answer.iter_encoded()) for _ in range(taken)])
        answer.close()
    db.session.remove()

    assert all(begun[1:])
    assert (sorted(storage().root.rglob("*")), len(os.listdir("/proc/self/fd"))) == before
    assert db.engine.pool.checkedout() == 0
