"""The main job over real sockets: forms out to phones, slips in, a commune's export out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from hashlib import md5
from xml.etree import ElementTree

import pytest

from exports.formulas import restore_text
from server.demo import Village, iter_slips
from tests.conftest import publish_houses
from tests.helpers.phones import Phone
from tests.helpers.slips import house
from tests.helpers.tables import expected_rows

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


@pytest.fixture
def villages(server):
    """What a phone reads of the form's own villages.csv."""
    with Phone(server.collect) as phone:
        media = download_form(phone, "child_situation")[1]
    rows = csv.DictReader(io.StringIO(media["villages.csv"].decode()))
    return [
        Village(r["name"], r["label"], r["commune_code"], r["legacy_commune_code"]) for r in rows
    ]


def download_form(phone: Phone, form_id: str) -> tuple[bytes, dict[str, bytes]]:
    """List, form, manifest, media, as Collect asks for them; every hash must be right."""
    listed = phone.get("/formList")
    assert listed.status == 200
    assert listed.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert listed.headers["X-OpenRosa-Version"] == "1.0"
    forms = {form.findtext(f"{LIST}formID"): form for form in ElementTree.fromstring(listed.body)}
    form = forms[form_id]
    xform = phone.get(form.findtext(f"{LIST}downloadUrl"))
    assert form.findtext(f"{LIST}hash") == f"md5:{md5(xform.body).hexdigest()}"
    media = {}
    for file in ElementTree.fromstring(phone.get(form.findtext(f"{LIST}manifestUrl")).body):
        got = phone.get(file.findtext(f"{MANIFEST}downloadUrl"))
        assert file.findtext(f"{MANIFEST}hash") == f"md5:{md5(got.body).hexdigest()}"
        media[file.findtext(f"{MANIFEST}filename")] = got.body
    return xform.body, media


def read_parts(path) -> dict[str, list[dict[str, str]]]:
    """All rows of a ZIP by table, whatever the commune's folder, and the index."""
    tables: dict[str, list[dict[str, str]]] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8-sig")
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
            for row in rows:
                row["(folder)"] = name.rpartition("/")[0]
            tables.setdefault(name.rpartition("/")[2], []).extend(rows)
    return tables


def test_the_form_and_its_media_reach_the_phone_with_the_right_hashes(server):
    with Phone(server.collect) as phone:
        xform, media = download_form(phone, "child_situation")

    assert b'id="child_situation"' in xform
    assert set(media) == {"communes.csv", "villages.csv", "household.csv", "child.csv"}


def test_every_answer_of_every_slip_is_in_its_communes_file(server, villages, tmp_path):
    with Phone(server.collect) as phone:
        version = re.search(r"<version>(\d+)</version>", phone.get("/formList").text)[1]
        today = server.installation.today()
        slips = list(iter_slips(villages, count=60, seed=7, version=version, today=today))
        assert phone.head().status == 204
        statuses = [phone.submit(xml).status for xml in [*slips, *slips]]
    out = tmp_path / "export.zip"

    server.installation.run("exports", "write", "child_situation", "--out", out, "--by", "commune")

    assert set(statuses) == {201}
    tables = read_parts(out)
    sent = [expected_rows(xml, repeats={"rep_child"}) for xml in slips]
    assert_same_cells(tables["child_situation.csv"], [root for root, _ in sent])
    children = [child for _, repeats in sent for child in repeats]
    assert_same_cells(tables["child_situation-rep_child.csv"], children)
    assert sum(int(row["submissions"]) for row in tables["_index.csv"]) == len(slips)
    for row in tables["child_situation.csv"]:
        folder = row["(folder)"]
        assert folder.startswith(row["commune"] or "khong-xac-dinh")
        assert row["commune"] == row["g_visit-commune_code"]


def assert_same_cells(rows: list[dict[str, str]], sent: list[dict[str, str]]) -> None:
    """Every cell that was sent is there, and no answer that was not."""
    by_key = {row["KEY"]: row for row in rows}
    assert len(rows) == len(by_key) == len(sent)
    for expected in sent:
        row = by_key[expected["KEY"]]
        got = {name: restore_text(cell) for name, cell in row.items() if cell}
        assert {name: got.get(name) for name in expected} == expected
        answers = set(got) - SYSTEM
        assert answers <= set(expected)


SYSTEM = {
    "(folder)",
    "SubmissionDate",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "ReviewState",
    "DeviceID",
    "FormVersion",
    "commune",
}


def test_attachments_arrive_in_one_request_or_in_several_and_are_counted(server, tmp_path):
    publish_houses(server.installation, tmp_path)
    children = tuple((f"Bé {i}", "1", f'ảnh "{i}".jpg') for i in range(5))
    files = [(name, bytes([i]) * 1000) for i, (_, _, name) in enumerate(children)]
    with Phone(server.collect) as phone:
        whole = phone.submit(house("uuid:whole", children=children), files)
        first = phone.submit(house("uuid:split", children=children), files[3:], is_incomplete=True)
        between = server.installation.run_json("submissions", "show", "uuid:split")
        again = phone.submit(house("uuid:split", children=children), files[3:], is_incomplete=True)
        last = phone.submit(house("uuid:split", children=children), files[:3])
    out = tmp_path / "out"

    server.installation.run("exports", "write", "houses", "--out", out)

    assert [a.status for a in (whole, first, again, last)] == [201] * 4
    assert "3 files are still missing" in first.text
    assert sum(a["arrived"] for a in between["attachments"]) == 2
    rows = csv.DictReader(io.StringIO((out / "houses.csv").read_bytes().decode("utf-8-sig")))
    counts = {(r["KEY"], r["AttachmentsPresent"], r["AttachmentsExpected"]) for r in rows}
    assert counts == {("uuid:whole", "5", "5"), ("uuid:split", "5", "5")}
    for instance_id in ("uuid:whole", "uuid:split"):
        shown = server.installation.run_json("submissions", "show", instance_id)
        kept = {a["name"]: a["size"] for a in shown["attachments"]}
        assert kept == {name: 1000 for name, _ in files}


def test_the_bytes_that_were_sent_are_shown_again(server, tmp_path):
    publish_houses(server.installation, tmp_path)
    xml = house("uuid:bytes", head="=Trần  Thị 'Hoà' \U0001f600\n")
    with Phone(server.collect) as phone:
        phone.submit(xml)

    shown = server.installation.run_bytes("submissions", "show", "uuid:bytes", "--xml")

    assert shown == xml
