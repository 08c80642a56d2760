"""NDJSON read back by json: each answer, and the rows of repeats where they stand."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings

from exports.tables import Column, TableHead
from exports.writers import ndjson
from tests.helpers.batches import COLUMNS, FORM, Batches, answers

KEYS = (Column("PARENT_KEY"), Column("KEY"))
NESTED = (
    TableHead("", (Column("q", path="/q"), Column("KEY"))),
    TableHead("r", (Column("x", path="/g/r/x"), *KEYS)),
    TableHead("s", (Column("y", "int", path="/g/r/h/s/y"), *KEYS)),
    TableHead("t", (Column("z", path="/t/z"), *KEYS)),
)
ROWS = (
    [["a", "u1"], ["b", "u2"]],
    [["1", "u1", "u1/g/r[1]"], ["2", "u1", "u1/g/r[2]"], ["3", "u2", "u2/g/r[1]"]],
    [["7", "u1/g/r[2]", "u1/g/r[2]/h/s[1]"], [None, "u1/g/r[2]", "u1/g/r[2]/h/s[2]"]],
    [["c", "u2", "u2/t[1]"]],
)


def lines(tmp_path: Path, *batches, heads=(FORM,)) -> list[dict]:
    [path] = ndjson.write(Batches(heads, *batches), tmp_path)
    content = path.read_bytes().decode()
    assert content.endswith("\n") or not content
    return [json.loads(line, parse_int=Written, parse_float=Written) for line in split(content)]


def split(content: str) -> list[str]:
    """As the readers do that know every line end of Unicode."""
    return content.splitlines()


class Written(str):
    """A number's own characters."""

    __slots__ = ()


@settings(max_examples=60, deadline=None)
@given(answers())
def test_every_answer_comes_back(sent):
    with tempfile.TemporaryDirectory() as name:
        found = lines(Path(name), *([rows] for rows in sent))

    rows = [row for batch in sent for row in batch]
    assert [list(line.values()) for line in found] == [list(row) for row in rows]
    assert all(list(line) == [column.id for column in COLUMNS] for line in found)


@pytest.mark.parametrize(
    ("type_", "text", "is_number"),
    [
        ("int", "7", True),
        ("int", "-12", True),
        ("int", "007", False),
        ("int", "123456789012345", True),
        ("int", "1234567890123456", False),
        ("int", "+7", False),
        ("int", "٣", False),
        ("decimal", "3.0", True),
        ("decimal", "0.10", True),
        ("decimal", "0.1234567890123456", False),
        ("decimal", "1e5", False),
        ("decimal", ".5", False),
        ("string", "7", False),
    ],
)
def test_a_number_is_one_in_the_characters_of_the_answer(tmp_path, type_, text, is_number):
    head = TableHead("", (Column("n", type_), Column("KEY")))

    [line] = lines(tmp_path, [[[text, "u1"]]], heads=[head])

    assert line["n"] == text
    assert isinstance(line["n"], Written) == is_number


def test_repeats_are_arrays_in_the_row_they_stand_in(tmp_path):
    first, second = lines(tmp_path, ROWS, heads=NESTED)

    assert [list(first), first["t"], second["t"]] == [
        ["q", "KEY", "r", "t"],
        [],
        [{"z": "c", "PARENT_KEY": "u2", "KEY": "u2/t[1]"}],
    ]
    assert [row["x"] for row in first["r"]] == ["1", "2"]
    assert [[s["y"] for s in row["s"]] for row in first["r"]] == [[], ["7", None]]
    assert second["r"] == [{"x": "3", "PARENT_KEY": "u2", "KEY": "u2/g/r[1]", "s": []}]


def test_each_batch_keeps_its_own_rows(tmp_path):
    batches = [[[["a", f"u{n}"]], [[str(n), f"u{n}", f"u{n}/g/r[1]"]], [], []] for n in range(3)]

    found = lines(tmp_path, *batches, heads=NESTED)

    assert [[row["x"] for row in line["r"]] for line in found] == [["0"], ["1"], ["2"]]


def test_a_question_pushes_a_system_column_aside(tmp_path):
    heads = (
        TableHead("", (Column("KEY", path="/KEY"), Column("r", path="/r"), Column("__KEY"))),
        TableHead("r", (Column("x", path="/r/x"), *KEYS)),
    )

    [line] = lines(tmp_path, [[["answer", "r", "u1"]], [["1", "u1", "u1/r[1]"]]], heads=heads)

    assert (line["KEY"], line["r"], [row["x"] for row in line["r~"]]) == ("answer", "r", ["1"])


def test_no_rows_are_an_empty_file(tmp_path):
    [path] = ndjson.write(Batches(NESTED), tmp_path)

    assert (path.name, path.read_bytes()) == ("f.ndjson", b"")


def test_polars_reads_it_and_the_same_rows_are_the_same_bytes(tmp_path):
    [path] = ndjson.write(Batches(NESTED, ROWS), tmp_path)
    once = path.read_bytes()
    [path] = ndjson.write(Batches(NESTED, ROWS), tmp_path)

    assert path.read_bytes() == once
    assert pl.read_ndjson(path)["r"].list.len().to_list() == [2, 1]
