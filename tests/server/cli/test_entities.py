"""`phieu entities`: what staff see and do with the register."""

from __future__ import annotations

import csv
import json

import pytest

from tests.helpers.children import new_child

HEAD = "name,label,full_name,sex,dob,village_code,commune_code,household_id"


@pytest.fixture
def register(installation, tmp_path):
    """Two entries of one child in two households, brought in from a file."""
    ids = sorted(new_child() for _ in range(2))
    rows = [
        f"{id_},{name},{name},2,2016-03-04,V000019,12472,{new_child()}"
        for id_, name in zip(ids, ("Trần Thị Hoà", "Trần Thị Hòa"), strict=True)
    ]
    file = tmp_path / "children.csv"
    file.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    assert "2 new" in installation.run("entities", "import", "child", file)
    return installation, file, ids


def test_an_import_again_brings_nothing_twice(register):
    installation, file, _ = register

    assert "0 new, 2 known" in installation.run("entities", "import", "child", file)
    [child] = [r for r in installation.run_json("entities", "lists") if r["name"] == "child"]
    assert child["entities"] == 2


def test_what_was_exported_can_be_imported_and_opens_in_excel(register, tmp_path):
    installation, _, ids = register
    out = tmp_path / "out.csv"

    installation.run("entities", "export", "child", "--out", out)

    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert sorted(row["name"] for row in rows) == ids
    assert "0 new, 2 known" in installation.run("entities", "import", "child", out)


def test_one_child_entered_twice_is_proposed_merged_and_taken_apart(register):
    installation, _, (first, second) = register

    [proposal] = installation.run_json("entities", "duplicates", "child")
    assert {proposal["keep"], proposal["merge"]} == {first, second}
    keep, merge = proposal["keep"], proposal["merge"]
    installation.run("entities", "merge", "child", keep, merge)
    assert installation.run_json("entities", "duplicates", "child") == []
    [gone] = installation.run_json("entities", "list", "child", "--deleted")
    assert gone["uuid"] == merge
    assert installation.run_json("entities", "show", "child", merge)["mergedInto"] == keep
    assert f"{merge} was merged into {keep}" in installation.run("entities", "show", "child", merge)
    assert installation.run_json("entities", "show", "child", keep)["mergedInto"] is None

    installation.run("entities", "merge", "child", keep, merge, "--undo")
    assert len(installation.run_json("entities", "list", "child")) == 2


def test_who_is_proposed_names_is_in_the_access_log(register):
    installation, _, _ = register
    logged = ("audits", "list", "--action", "dataset.entity.export")
    before = len(installation.run_json(*logged))

    installation.run("entities", "duplicates", "child")

    assert len(installation.run_json(*logged)) == before + 1


def test_one_child_is_shown_with_its_history(register):
    installation, _, (first, _) = register
    installation.run("entities", "delete", "child", first)

    shown = installation.run_json("entities", "show", "child", first)
    history = installation.run_json("entities", "history", "child", first)

    assert shown["data"]["village_code"] == "V000019"
    assert shown["deletedAt"] is not None
    assert [(v["version"], v["submission"]) for v in history] == [(1, "import children.csv")]
    assert history[0]["received"]["dob"] == "2016-03-04"
    installation.run("entities", "restore", "child", first)
    assert installation.run_json("entities", "show", "child", first)["deletedAt"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label,colour\nLan,red\n", "no property colour"),
        ("name,label\nx,Lan\n", "line 2"),
        ("full_name\nLan\n", "no column label"),
        ("label,sex\nLan\n", "2 cells"),
        ("label,village_code\nLan,V999999\n", "V999999"),
        (f"label,sex\n{'x' * 140_000},1\n", "far too long"),
    ],
    ids=["property", "uuid", "label", "cells", "village", "length"],
)
def test_a_file_that_cannot_be_taken_says_where_and_changes_nothing(
    installation, tmp_path, text, said
):
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")

    assert said in installation.run("entities", "import", "child", file, status=1)

    counts = {r["name"]: r["entities"] for r in installation.run_json("entities", "lists")}
    assert counts["child"] == 0


def test_a_list_or_an_entity_that_is_not_there_is_said_so(installation):
    assert "none" in installation.run("entities", "show", "none", new_child(), status=1)
    gone = new_child()
    assert gone in installation.run("entities", "history", "child", gone, status=1)
    assert json.loads(installation.run("entities", "duplicates", "child", "--json")) == []


@pytest.mark.parametrize(
    "command",
    [
        ("entities", "duplicates", "case"),
        ("entities", "list", "case"),
        ("entities", "show", "case", new_child()),
        ("due", "list", "--list", "case"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_who_may_not_see_cases_is_told_to_say_who_asks(installation, command):
    said = installation.run(*command, "--reason", "because", status=1)

    assert said == (
        "Whoever runs commands on the machine may not do this. Do it as a person who may: "
        "add --as EMAIL.\n"
    )


def test_nothing_and_more_are_said_beside_what_is_listed(app, tmp_path):
    from server.cli.entities import command

    def run(*arguments: str):
        done = app.test_cli_runner().invoke(command, list(arguments))
        assert done.exit_code == 0, (done.output, done.exception)
        return done

    for listed in ("list", "duplicates"):
        nothing = run(listed, "child")
        assert nothing.stdout == ""
        assert nothing.stderr.startswith("child: ")
        assert json.loads(run(listed, "child", "--json").stdout) == []
    file = tmp_path / "children.csv"
    rows = "".join(f"{new_child()},Trần Thị Hoà,12472\n" for _ in range(3))
    file.write_text(f"name,label,commune_code\n{rows}", encoding="utf-8")
    run("import", "child", str(file))

    cut = run("list", "child", "--limit", "2")
    assert len(cut.stdout.splitlines()) == 3
    assert "--limit 20" in cut.stderr
    assert run("list", "child", "--limit", "3").stderr == ""
    assert len(json.loads(run("list", "child", "--limit", "2", "--json").stdout)) == 2
