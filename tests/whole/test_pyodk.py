"""pyODK against a running server: lists of entities as tables, and merging a file into one."""

from __future__ import annotations

import csv
import io
import os
import zipfile

import pytest

from tests.conftest import leave_out
from tests.helpers.phones import Phone
from tests.helpers.slips import house

PAPER = ("giấy.pdf", b"%PDF-1.7")
EMAIL, PASSWORD = "lists@example.vn", "Mot-mat-khau-1"


@pytest.fixture
def client(server, tmp_path):
    try:
        from pyodk._utils import config
        from pyodk.client import Client
    except ImportError:
        leave_out("pyodk is missing")
    server.installation.run(
        *("users", "add", EMAIL, "--role", "manager", "--password-stdin"), input=f"{PASSWORD}\n"
    )
    central = config.CentralConfig(server.url, EMAIL, PASSWORD, default_project_id=1)
    with Client(config=config.Config(central), cache_path=tmp_path / "cache.toml") as client:
        yield client


def test_a_table_is_read_filtered_selected_and_counted(client):
    wells = client.entity_lists.create(entity_list_name="wells")
    client.entity_lists.add_property("depth", entity_list_name=wells.name)
    rows = [{"label": f"w{number}", "depth": str(number)} for number in range(5)]
    client.entities.create_many(rows, entity_list_name="wells")

    def get(**options) -> dict:
        return client.entities.get_table(entity_list_name="wells", **options)

    assert [row["depth"] for row in get()["value"]] == ["4", "3", "2", "1", "0"]
    part = get(top=2, skip=1, count=True, select="label,__system/version")
    assert part["value"] == [
        {"label": "w3", "__system": {"version": 1}},
        {"label": "w2", "__system": {"version": 1}},
    ]
    assert part["@odata.count"] == 5
    token = part["@odata.nextLink"]
    assert [row["label"] for row in client.get(token).json()["value"]] == ["w1", "w0"]
    nothing = get(filter="year(__system/createdAt) lt 2026 or __system/conflict ne null")
    assert nothing["value"] == []


def test_a_file_is_merged_into_a_list(client):
    client.entity_lists.create(entity_list_name="wells")
    before = [{"label": name, "depth": "1"} for name in ("kept", "changed", "gone")]
    client.entities.merge(before, entity_list_name="wells")

    after = [
        {"label": "kept", "depth": "1"},
        {"label": "changed", "depth": "2", "state": "dry"},
        {"label": "Giếng mới", "depth": "3"},
    ]
    done = client.entities.merge(after, entity_list_name="wells", delete_not_matched=True)

    assert [len(part) for part in (done.to_insert, done.to_update, done.to_delete)] == [1, 1, 1]
    rows = client.entities.get_table(entity_list_name="wells")["value"]
    assert {row["label"]: (row["depth"], row["state"]) for row in rows} == {
        "kept": ("1", ""),
        "changed": ("2", "dry"),
        "Giếng mới": ("3", ""),
    }
    deleted = "__system/deletedAt ne null"
    [gone] = client.entities.get_table(entity_list_name="wells", filter=deleted)["value"]
    assert gone["label"] == "gone"
    again = client.entities.merge(after, entity_list_name="wells", delete_not_matched=True)
    assert [*again.to_insert, *again.to_update, *again.to_delete] == []


def test_submissions_are_downloaded_as_from_central(client, server, offered):
    with Phone(server.collect) as phone:
        for number in range(3):
            child = (('Bình, "em"', "1", "giấy.pdf"),)
            phone.submit(house(f"uuid:{number}", head="Dòng 1\nDòng 2", children=child), [PAPER])
    path = "projects/1/forms/houses/submissions.csv"

    table = client.get(path)
    packed = client.get(f"{path}.zip", params={"$filter": "__id ne 'uuid:1'"}, stream=True)
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        names = archive.namelist()
        [own, children] = [
            [*csv.DictReader(io.StringIO(archive.read(name).decode(), newline=""))]
            for name in names[:2]
        ]
        papers = [archive.read(name) for name in names[2:]]

    rows = [*csv.DictReader(io.StringIO(table.content.decode(), newline=""))]
    assert [row["KEY"] for row in rows] == ["uuid:2", "uuid:1", "uuid:0"]
    assert {row["head"] for row in rows} == {"Dòng 1\nDòng 2"}
    assert own == [rows[0], rows[2]]
    assert [(row["name"], row["PARENT_KEY"]) for row in children] == [
        ('Bình, "em"', "uuid:2"), ('Bình, "em"', "uuid:0")
    ]  # fmt: skip
    assert papers == [PAPER[1]] * 2
    again = client.get(path, headers={"If-None-Match": table.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_client_that_goes_away_leaves_nothing(client, server, offered, installation):
    with Phone(server.collect) as phone:
        for number in range(4):
            child = (("Bình", "1", f"{number}.jpg"),)
            photo = (f"{number}.jpg", os.urandom(3_000_000))
            phone.submit(house(f"uuid:{number}", children=child), [photo])
    path = "projects/1/forms/houses/submissions.csv.zip"

    for _ in range(6):
        with client.get(path, stream=True) as answer:
            assert next(answer.iter_content(100))
    whole = client.get(path)

    assert zipfile.ZipFile(io.BytesIO(whole.content)).testzip() is None
    assert [*installation.data.rglob("uploads/*")] == []
