"""Commands as an operator types them: clear answers, JSON, one sentence where refused."""

from __future__ import annotations

import re

import pytest

from tests.conftest import publish_houses
from tests.helpers.installations import Installation
from tests.helpers.slips import HOUSES, write_workbook


@pytest.fixture
def empty(tmp_path) -> Installation:
    return Installation(tmp_path / "data")


def test_an_app_user_is_added_listed_and_revoked(installation):
    added = installation.run_json("app-users", "add", "Hoa", "--unit", "12472")
    [listed] = [a for a in installation.run_json("app-users", "list") if a["id"] == added["id"]]
    [revoked] = installation.run_json("app-users", "revoke", added["id"])

    assert re.fullmatch(r"[A-Za-z0-9]{64}", added["token"])
    assert added["url"].endswith(f"/v1/key/{added['token']}/projects/1")
    assert listed["units"] == ["12472"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", revoked["revokedAt"])


def test_a_version_published_with_other_content_is_refused(installation, tmp_path):
    publish_houses(installation, tmp_path)
    other = write_workbook(tmp_path, HOUSES.replace("Chủ hộ", "Tên chủ hộ"), "other.xlsx")

    again = installation.run_json("forms", "publish", tmp_path / "form.xlsx")
    said = installation.run("forms", "publish", other, status=1)

    assert again["published"] is False
    assert "Change the version" in said


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_form_without_a_version_is_published_once_and_then_asked_for_one(installation, tmp_path):
    markdown = HOUSES.replace("| 1       | Tiếng", "|         | Tiếng")
    first = installation.run("forms", "publish", write_workbook(tmp_path, markdown))
    other = write_workbook(tmp_path, markdown.replace("Chủ hộ", "Tên chủ hộ"), "other.xlsx")

    said = installation.run("forms", "publish", other, status=1)

    assert "published" in first
    assert 'The form "houses" has no version and was published with other content' in said


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_form_that_no_phone_could_open_is_not_published(installation, tmp_path):
    markdown = (
        HOUSES.replace("| | type ", "| | calculation | type ", 1)
        .replace("| | ", "| |  | ")
        .replace("| |  | calculation |", "| | calculation |")
    )
    markdown = markdown.split("| choices |")[0].replace("| |  | text ", "| | (1 | text ", 1)
    markdown += "| choices |" + HOUSES.split("| choices |")[1]

    said = installation.run("forms", "publish", write_workbook(tmp_path, markdown), status=1)

    assert "survey!A3" in said
    assert "«)» is missing" in said


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_who_publishes_an_older_version_again_is_told_how_to_go_back(installation, tmp_path):
    publish_houses(installation, tmp_path)
    newer = HOUSES.replace("| 1       | Tiếng", "| 2       | Tiếng")
    installation.run("forms", "publish", write_workbook(tmp_path, newer, "new.xlsx"))

    said = installation.run("forms", "publish", tmp_path / "form.xlsx")

    assert "2 stays the version that phones are offered" in said


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["serv"], 2, "No such command"),
        (["export"], 2, "Did you mean 'exports'?"),
        (["forms", "check", "none.xlsx"], 2, "does not exist"),
        (["exports", "write", "none", "--out", "x.zip"], 1, "no form"),
        (["exports", "write", "houses", "--out", "x.zip", "--format", "pdf"], 2, "pdf"),
        (["exports", "write", "child_situation", "--out", "x", "--unit", "99999"], 1, "99999"),
        (["submissions", "show", "uuid:none"], 1, "uuid:none"),
        (["users", "add", "a@b", "--role", "king"], 1, "king"),
        (["app-users", "revoke", "999"], 1, "999"),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_misuse_is_said_in_words_and_never_with_a_traceback(
    installation, tmp_path, arguments, status, words
):
    said = installation.run(*arguments, status=status, cwd=None)

    assert words in said
    assert "Traceback" not in said


def test_a_faulty_workbook_is_listed_with_its_cells_and_status_1(empty, tmp_path):
    workbook = write_workbook(tmp_path, HOUSES.replace("integer", "inteeger"))

    said = empty.run("forms", "check", workbook, status=1)

    assert "survey!A6: Unknown question type 'inteeger'" in said


def test_the_demo_is_received_and_exported_by_commune(installation, tmp_path):
    made = installation.run_json("demo", "--submissions", "30", "--seed", "4")
    again = installation.run_json("demo", "--submissions", "30", "--seed", "4")
    out = tmp_path / "out"
    installation.run(
        "exports", "write", "child_situation", "--format", "xlsx", "--by", "commune",
        "--labels", "vi", "--out", out,
    )  # fmt: skip

    assert made["new"] == made["submissions"] == again["submissions"]
    assert made["forms"]["child_situation"] >= 30
    assert again["new"] == 0
    names = {path.name for path in out.iterdir()}
    assert {"_index.csv", "12472-xa-quynh-phu.xlsx"} <= names


@pytest.mark.parametrize(
    ("name", "value"),
    [("PHIEU_TZ", "Mars"), ("PHIEU_DATABASE_URL", "mysql://x"), ("PHIEU_LANG", "fr")],
)
def test_a_setting_that_cannot_be_used_is_named(empty, name, value):
    empty.extra[name] = value

    said = empty.run("users", "list", status=2)

    assert said.startswith(name)
