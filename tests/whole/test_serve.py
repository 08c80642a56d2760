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
from tests.helpers.phones import Phone
from tests.helpers.slips import house, write_workbook
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
        is_list = file.get("type") == "entityList"  # whose hash is a mark, and the answer's tag
        mark = got.headers["ETag"].strip('"') if is_list else md5(got.body).hexdigest()
        assert file.findtext(f"{MANIFEST}hash") == f"md5:{mark}"
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


def test_attachments_arrive_in_one_request_or_in_several_and_are_counted(offered, server, tmp_path):
    children = tuple((f"Bé {i}", "1", f'ảnh "{i}".jpg') for i in range(5))
    files = [(name, picture(i)) for i, (_, _, name) in enumerate(children)]
    lone = (("Út", "2", "ảnh.jpg"),)
    with Phone(server.collect) as phone:
        whole = phone.submit(house("uuid:whole", children=children), files)
        split = house("uuid:split", children=children, commune="13225")
        first = phone.submit(split, files[3:], is_incomplete=True)
        between = server.installation.run_json("submissions", "show", "uuid:split")
        again = phone.submit(split, files[3:], is_incomplete=True)
        last = phone.submit(split, files[:3])
        waiting = phone.submit(house("uuid:waiting", children=lone, commune="-"))
    out = tmp_path / "out.zip"

    server.installation.run("exports", "write", "houses", "--out", out, "--by", "commune")

    assert [a.status for a in (whole, first, again, last, waiting)] == [201] * 5
    assert "3 files are still missing" in first.text
    assert {a["name"] for a in between["attachments"] if a["arrived"]} == {n for n, _ in files[3:]}
    tables = read_parts(out)
    assert {
        (r["(folder)"], r["KEY"], r["AttachmentsPresent"], r["AttachmentsExpected"])
        for r in tables["houses.csv"]
    } == {
        ("12472-xa-quynh-phu", "uuid:whole", "5", "5"),
        ("13225-phuong-thai-binh", "uuid:split", "5", "5"),
        ("khong-xac-dinh", "uuid:waiting", "0", "1"),
    }
    named = {(r["PARENT_KEY"], r["name"], r["paper"]) for r in tables["houses-child.csv"]}
    sent = {(f"uuid:{key}", n, p) for key in ("whole", "split") for n, _, p in children}
    assert named == sent | {("uuid:waiting", "Út", "ảnh.jpg")}
    for instance_id in ("uuid:whole", "uuid:split"):
        assert kept_files(server.installation, instance_id) == dict(files)


def picture(number: int) -> bytes:
    """Bytes that no other picture has, and of another length."""
    return bytes([number, 0, 13, 10, 255]) * (1_000 + number)


def kept_files(installation, instance_id: str) -> dict[str, bytes]:
    """What the storage holds under each name of a submission."""
    shown = installation.run_json("submissions", "show", instance_id)
    kept = {}
    for file in shown["attachments"]:
        paths = (installation.data / "storage").glob(f"??/*-{file['sha256']}")
        contents = {path.read_bytes() for path in paths}
        assert len(contents) == 1
        kept[file["name"]] = contents.pop()
    return kept


def test_the_bytes_that_were_sent_are_shown_again(offered, server, tmp_path):
    xml = house("uuid:bytes", head="=Trần  Thị 'Hoà' \U0001f600\n")
    with Phone(server.collect) as phone:
        phone.submit(xml)

    shown = server.installation.run_bytes("submissions", "show", "uuid:bytes", "--xml")

    assert shown == xml


NESTED = """
| survey |
| | type | name | label |
| | text | commune_code | Commune |
| | begin_group | g | Group |
| | begin_repeat | house | House |
| | text | name | Name |
| | begin_group | inside | Inside |
| | begin_repeat | person | Person |
| | text | name | Name |
| | begin_repeat | paper | Paper |
| | text | number | Number |
| | end_repeat | |
| | end_repeat | |
| | end_group | |
| | end_repeat | |
| | end_group | |
| settings |
| | form_id | form_title | version |
| | nested | Nested | 1 |
"""


def nested(instance_id: str, commune: str, shape: list[list[int]]) -> bytes:
    """Houses, in each persons, each with so many papers; every answer differs from all others."""
    houses = ""
    for h, persons in enumerate(shape):
        inside = "".join(
            f"<person><name>0{h}{p}</name>"
            + "".join(f"<paper><number>{n}-{p}-{h}</number></paper>" for n in range(papers))
            + "</person>"
            for p, papers in enumerate(persons)
        )
        houses += f"<house><name>=Nhà {h}</name><inside>{inside}</inside></house>"
    return (
        f'<data id="nested" version="1"><commune_code>{commune}</commune_code><g>{houses}</g>'
        f"<meta><instanceID>{instance_id}</instanceID></meta></data>"
    ).encode()


def test_repeats_in_repeats_are_linked_in_their_communes_file(server, tmp_path):
    server.installation.run("forms", "publish", write_workbook(tmp_path, NESTED))
    slips = [
        nested("uuid:1", "12472", [[2, 0, 1], [], [1]]),
        nested("uuid:2", "13225", [[0], [3]]),
        nested("uuid:3", "12472", []),
    ]
    with Phone(server.collect) as phone:
        assert {phone.submit(xml).status for xml in slips} == {201}
    out = tmp_path / "out.zip"

    server.installation.run("exports", "write", "nested", "--out", out, "--by", "commune")

    tables = read_parts(out)
    sent = [expected_rows(xml, repeats={"house", "person", "paper"}) for xml in slips]
    rows = [row for _, repeats in sent for row in repeats]
    assert_same_cells(tables["nested.csv"], [root for root, _ in sent])
    for name in ("house", "person", "paper"):
        own = [row for row in rows if row["KEY"].rpartition("/")[2].startswith(f"{name}[")]
        assert own
        assert_same_cells(tables[f"nested-{name}.csv"], own)
