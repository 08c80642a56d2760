"""`phieu entities show|export --restricted`: for those with the duty, who say what for."""

from __future__ import annotations

import csv

import pytest

from server.actions.assigning import Duty
from server.db import db
from tests.helpers.cases import add_child
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.facts import SECRET, publish_visits, receive_visit
from tests.helpers.sql import list_audits

OFFICER, OTHER = "officer@x.vn", "other@x.vn"
FOR = ("--as", OFFICER, "--reason", "a visit")


@pytest.fixture
def children(app, tmp_path) -> list[str]:
    """The first was visited, the second was not."""
    publish_visits(tmp_path)
    found = [add_child("Lan"), add_child("Hoa")]
    receive_visit(found[0])
    one_hash = hashed()
    person(OFFICER, Duty("commune_officer", "12472"), password_hash=one_hash)
    person(OTHER, Duty("commune_officer", "12511"), password_hash=one_hash)
    db.session.remove()
    return found


def test_one_child_is_shown_with_it_only_when_asked(installation, children):
    command = ("entities", "show", "child", children[0], *FOR)

    plain = installation.run(*command, "--json", input=PASSWORD)
    told = installation.run(*command, "--restricted", input=PASSWORD)
    shown = installation.run_json(*command, "--restricted", input=PASSWORD)

    assert SECRET not in plain
    assert "restricted" not in plain
    assert SECRET in told
    assert shown["restricted"]["sc_restricted"]["value"] == SECRET
    rows = [row.details for row in list_audits("entity.read")]
    assert rows.count({"restricted": True}) == 2


def test_an_export_has_a_column_of_it_only_when_asked(installation, children, tmp_path):
    command = ("entities", "export", "child", *FOR)
    plain, full = tmp_path / "plain.csv", tmp_path / "full.csv"

    installation.run(*command, "--out", plain, input=PASSWORD)
    installation.run(*command, "--out", full, "--restricted", input=PASSWORD)

    assert SECRET not in plain.read_text(encoding="utf-8")
    assert "restricted" not in plain.read_text(encoding="utf-8")
    rows = csv.DictReader(full.read_text(encoding="utf-8-sig").splitlines())
    said = {row["name"]: row["restricted:sc_restricted"] for row in rows}
    assert said == {children[0]: SECRET, children[1]: ""}
    [row] = [row for row in list_audits("dataset.entity.export") if row.details]
    assert (row.details, row.notes) == ({"restricted": True}, "a visit")


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ((), "--as EMAIL"),
        (("--as", OFFICER), "reason"),
        (("--as", OTHER, "--reason", "a visit"), ""),
    ],
    ids=["operator", "no reason", "another commune"],
)
def test_nobody_else_is_told(installation, children, tmp_path, who, reason):
    out = tmp_path / "full.csv"

    said = installation.run(
        "entities",
        "show",
        "child",
        children[0],
        "--restricted",
        *who,
        status=1,
        input=PASSWORD,
    )
    assert SECRET not in said
    assert reason in said
    exported = ("entities", "export", "child", "--restricted", "--out", out, *who)
    may = 0 if OTHER in who else 1
    installation.run(*exported, status=may, input=PASSWORD)
    assert not out.exists() or SECRET not in out.read_text(encoding="utf-8")


def test_a_history_tells_of_restricted_slips_to_those_who_say_what_for(installation, children):
    command = ("entities", "history", "child", children[0])
    officer = (*command, "--as", OFFICER)

    untold = installation.run_json(*command)
    unasked = installation.run_json(*officer, input=PASSWORD)
    told = installation.run_json(*officer, "--reason", "a visit", input=PASSWORD)

    assert [row["version"] for row in untold] == [row["version"] for row in unasked] == [1]
    assert [row["version"] for row in told] == [1, 2]
    assert told[-1]["submission"].startswith("uuid:")
