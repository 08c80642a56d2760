"""JavaRosa, ODK Collect's engine, downloads a form with all its files, fills it and sends it.

Which choices it offers and what it calculates shows that form and lists reached it whole.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from server.db import db, transaction
from server.queries.submission_attachments import list_attachments
from server.queries.submissions import get_submission, load_xml
from server.storage import Storage
from tests.helpers.javarosa import DEVICE_ID
from tests.helpers.scripts import Cells, only, point, read_answers, script, without
from tests.helpers.sql import remove_form_attachment
from tests.helpers.villages import MEDIA, write_village

VISIT = {
    "head": "An",
    "day": "2026-11-20",
    "hour": "07:30:00.000+07:00",
    "moment": "2026-11-20T07:30:00.000+07:00",
    "area": "12.345",
    "gps": "20.65 106.35 5.5 4.5",
    "way": "20.65 106.35 0.0 0.0; 20.66 106.36 0.0 0.0",
    "place-commune": "12472",
    "place-village": "V3",
    "place-district": "d3",
    "place-well": "w2",
    "place-crop": "corn",
    "place-shop": "s2",
    "needs": "01 02",
    "ranked": "02 00 01",
    "why": "=1+1",
    "voice": "voice.m4a",
    "ok": "OK",
}
HOUSES = {
    "house": [{"name": "Nhà 1", "photo": "a.jpg"}, {"name": "Nhà 2", "photo": "b.jpg"}],
    "house[1]/person": [
        {"name": "Bình", "age": "40"},
        {"name": "Cúc", "age": "9", "school": "Trường \U0001f600", "paper": "paper.pdf"},
    ],
    "house[2]/person": [
        {"name": "Dũng", "age": "7"},
        {"name": "Én", "age": "15"},
        {"name": "Giang", "age": "71"},
    ],
}
LATER = {"place-commune": "12322", "place-village": "V1"}
HOME = {"house": [{"name": "Nhà 3"}], "house[1]/person": [{"name": "Hà", "age": "16"}]}
FILES = ("a.jpg", "b.jpg", "paper.pdf", "voice.m4a")
OWN = ("start", "end", "today", "KEY")


@pytest.fixture
def village(server, tmp_path):
    """The running server with the form published."""
    server.installation.run("forms", "publish", write_village(tmp_path))
    return server


def captures(folder: Path) -> dict[str, bytes]:
    """Four files on the phone; with three of them a request would pass the announced limit."""
    folder.mkdir()
    content = {name: random.Random(name).randbytes(4_000_000) for name in FILES}
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return content


def test_lists_repeats_files_and_sums_arrive_as_javarosa_filled_them(village, java_phone, tmp_path):
    files = captures(tmp_path / "phone")
    refused = {"/data/area": "100", "/data/needs": "00 01"}
    scripts = (script(VISIT, HOUSES, refused=refused), script(LATER, HOME))

    report = java_phone.run(village.collect, "village", tmp_path / "phone", *scripts)

    assert report["media"] == sorted([*MEDIA, "itemsets.csv"])
    first, later = report["slips"]
    assert offered(first) == {
        "commune": ["12322", "12472"],
        "village": ["V2", "V3"],
        "district": ["d2", "d3"],
        "well": ["w2"],
        "crop": ["rice", "corn"],
    }
    assert offered(later)["village"] == ["V1"]
    assert [(r["status"], len(r["files"])) for r in first["requests"]] == [(201, 2), (201, 2)]
    assert [(r["status"], r["files"]) for r in later["requests"]] == [(201, [])]
    village.installation.run("exports", "write", "village", "--out", tmp_path / "out")
    tables = read_answers(tmp_path / "out")
    captured = captured_names(first)
    visits = sorted(tables["village"], key=lambda row: row["start"])
    assert_visits(visits, captured)
    assert_houses(tables, visits[0]["KEY"], captured)
    xml, kept = load_submission(village, visits[0]["KEY"])
    assert xml == Path(first["xml"]).read_bytes()
    assert kept == {captured[name]: content for name, content in files.items()}


def offered(slip) -> dict[str, list[str]]:
    """The choices of the lists that come as files or depend on another answer."""
    prefix = "/data/place/"
    found = {p[len(prefix) :]: c for p, c in slip["choices"].items() if p.startswith(prefix)}
    return {name: choices for name, choices in found.items() if name != "market"}


def captured_names(slip) -> dict[str, str]:
    """The phone's own names, in the order in which the form asks."""
    sent = sorted(name for request in slip["requests"] for name in request["files"])
    return dict(zip(("a.jpg", "paper.pdf", "b.jpg", "voice.m4a"), sent, strict=True))


def assert_visits(rows: list[Cells], captured: Cells) -> None:
    first, later = rows
    phone = {"username": "bob", "deviceid": DEVICE_ID}
    assert first == without(VISIT, "gps") | phone | only(first, *OWN) | {
        "double_area": "24.69",
        **point("gps", VISIT["gps"]),
        "place-village_label": 'Thôn "Ba", xóm Chùa',
        "place-well_at": "20.66 106.36 0 0",
        "place-price": "6200",
        "all_children": "3",
        "voice": captured["voice.m4a"],
        "meta-instanceID": first["KEY"],
        "meta-instanceName": "An · V3",
    }
    assert later == LATER | phone | only(later, *OWN) | {
        "head": "An",
        "before": "An",
        "place-village_label": "Thôn Một",
        "all_children": "0",
        "meta-instanceID": later["KEY"],
        "meta-instanceName": "An · V1",
    }


def assert_houses(tables: dict[str, list[Cells]], key: str, captured: Cells) -> None:
    """Both houses and their people, in order, each under its own house."""
    houses = [row for row in tables["village-house"] if row["PARENT_KEY"] == key]
    people = [row for row in tables["village-person"] if row["PARENT_KEY"].startswith(key)]
    assert houses == [
        row
        | {"photo": captured[row["photo"]], "children": str(number)}
        | {"PARENT_KEY": key, "KEY": f"{key}/house[{number}]"}
        for number, row in enumerate(HOUSES["house"], 1)
    ]
    expected = []
    for house in (1, 2):
        for number, row in enumerate(HOUSES[f"house[{house}]/person"], 1):
            own = row | {"is_child": str(int(int(row["age"]) < 16))}
            if "paper" in row:
                own["paper"] = captured[row["paper"]]
            parent = f"{key}/house[{house}]"
            expected.append(own | {"PARENT_KEY": parent, "KEY": f"{parent}/person[{number}]"})
    assert people == expected


def load_submission(server, instance_id: str) -> tuple[bytes, dict[str, bytes]]:
    """The bytes that the server keeps: the instance, and its files by name."""
    app = server.installation.create_app()
    with app.app_context():
        storage: Storage = app.extensions["phieu_storage"]
        _, version = get_submission(instance_id)
        xml = load_xml(version.id)
        files = list_attachments(version.id)
        content = {file.name: storage.file(file.storage_key).read_bytes() for file in files}
        db.session.remove()
        db.engine.dispose()
    return xml, content


# What follows is about the program's own eyes: one database is enough.
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_javarosa_does_not_take_what_the_form_does_not_allow(village, java_phone, tmp_path):
    def fill(answers: Cells) -> str:
        folder = tmp_path / str(len(answers))
        return java_phone.run(village.collect, "village", folder, script(answers), status=1)

    elsewhere = fill({"head": "An", "place-commune": "12472", "place-village": "V1"})
    too_large = fill({"head": "An", "area": "100"})
    incomplete = fill({"head": "An"})

    assert "the choice V1 is not offered" in elsewhere
    assert "/data/area: answering 100" in too_large
    assert "/data/place[1]/commune[1]: outcome 1" in incomplete


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_file_that_is_not_what_the_manifest_says_is_noticed(village, java_phone, tmp_path):
    def download() -> str:
        return java_phone.run(village.collect, "village", tmp_path / "phone", status=1)

    content = MEDIA["crops.xml"].encode()
    storage = village.installation.data / "storage"
    kept = next(p for p in storage.rglob("*") if p.is_file() and p.read_bytes() == content)
    kept.chmod(0o600)
    kept.write_bytes(content.replace(b"corn", b"core"))
    altered = download()
    kept.unlink()
    lost = download()
    app = village.installation.create_app()
    with app.app_context():
        with transaction():
            remove_form_attachment("crops.xml")
        db.engine.dispose()
    unlisted = download()

    assert "crops.xml: listed as md5:" in altered
    assert "/crops.xml: the server returned status code" in lost
    assert "not downloaded: jr://file/crops.xml" in unlisted
