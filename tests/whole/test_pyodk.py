"""pyODK against a running server: lists of entities as tables, and merging a file into one."""

from __future__ import annotations

import pytest

from tests.conftest import leave_out

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
