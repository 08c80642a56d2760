"""communes.csv and villages.csv of an app user: its own villages, in the edition in force."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from datetime import date

import pytest

from server.actions.people import add_app_user
from server.actions.unit_importing import import_units
from server.actions.unit_lists import COMMUNES, VILLAGES, can_replace, make_unit_lists
from server.cli.common import operator
from server.db import transaction
from server.queries.projects import get_project
from tests.helpers.slips import ROOT

MEDIA = ROOT / "xlsforms" / "child_situation" / "media"
ON = date(2026, 11, 23)


def import_sample() -> None:
    with transaction():
        import_units([(VILLAGES, (MEDIA / VILLAGES).read_bytes())], on=ON, by=operator())


def add_phone(app, *unit_codes: str, on: date = ON) -> tuple[int, str]:
    with transaction():
        app_user, token = add_app_user(
            "Hoa",
            project=get_project(),
            form_ids=(),
            unit_codes=unit_codes,
            on=on,
            secret_key=app.config["PHIEU"].secret_key,
            by=operator(),
        )
        return app_user.actor_id, token


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_without_villages_there_are_no_lists(app):
    actor_id, _ = add_phone(app, "12472")

    assert make_unit_lists(actor_id, ON) == {}


def test_an_app_user_of_a_province_gets_the_shipped_sample_again(app):
    import_sample()
    actor_id, _ = add_phone(app, "33")

    made = make_unit_lists(actor_id, ON)

    attached = read((MEDIA / VILLAGES).read_bytes())
    assert len(read(made[COMMUNES].content)) == 104
    assert sorted(read(made[VILLAGES].content), key=str) == sorted(attached, key=str)


def test_an_app_user_gets_its_own_communes_sorted_as_vietnamese_sorts(app):
    import_sample()
    actor_id, _ = add_phone(app, "12472")

    made = make_unit_lists(actor_id, ON)

    assert made[COMMUNES].content.decode() == "name,label,edition\n12472,Xã Quỳnh Phụ,vn-2025-07\n"
    labels = [row["label"] for row in read(made[VILLAGES].content)]
    assert labels[:4] == [
        "Thôn 1 (cũ: Quỳnh Hải)",
        "Thôn 2 (cũ: Quỳnh Hải)",
        "Thôn 3 (cũ: Quỳnh Hội)",
        "Thôn An Phú (cũ: Quỳnh Côi)",
    ]
    assert {row["commune_code"] for row in read(made[VILLAGES].content)} == {"12472"}
    assert made == make_unit_lists(actor_id, ON)


def test_an_app_user_of_one_village_gets_that_village(app):
    import_sample()
    actor_id, _ = add_phone(app, "V000001")

    made = make_unit_lists(actor_id, ON)

    assert [row["name"] for row in read(made[VILLAGES].content)] == ["V000001"]
    assert [row["name"] for row in read(made[COMMUNES].content)] == ["12322"]


def test_an_app_user_of_a_former_commune_gets_what_became_of_it(app):
    import_sample()
    actor_id, _ = add_phone(app, "12505", on=date(2025, 6, 30))

    made = make_unit_lists(actor_id, ON)

    assert [row["name"] for row in read(made[COMMUNES].content)] == ["12472"]


@pytest.mark.parametrize(
    ("name", "attached", "can"),
    [
        (VILLAGES, b"\xef\xbb\xbfname,label,commune_code\r\n", True),
        (COMMUNES, b"name,label\n", True),
        (VILLAGES, b"name,label,commune_code,lat\n", False),
        (VILLAGES, b"name;label;commune\n", False),
        ("shops.csv", b"name,label\n", False),
    ],
)
def test_a_list_with_columns_that_only_the_designer_knows_is_left_alone(name, attached, can):
    assert can_replace(name, attached) is can


def test_the_manifest_has_the_hash_of_what_each_phone_gets(app):
    import_sample()
    client = app.test_client()
    seen = {}
    for code in ("12472", "13225"):
        _, token = add_phone(app, code)
        form = f"/v1/key/{token}/projects/1/forms/child_situation"
        manifest = client.get(f"{form}/manifest").text
        hashes = dict(
            re.findall(
                r"<mediaFile><filename>(\w+\.csv)</filename><hash>md5:(\w+)</hash>", manifest
            )
        )
        for name, md5 in hashes.items():
            with client.get(f"{form}/attachments/{name}") as answer:
                content = answer.data
            assert hashlib.md5(content).hexdigest() == md5
            seen[code, name] = content

    assert b"12472" in seen["12472", VILLAGES]
    assert b"13225" not in seen["12472", VILLAGES]
    assert b"12472" not in seen["13225", VILLAGES] + seen["13225", COMMUNES]
