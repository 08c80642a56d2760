"""Parquet read back by polars: each value is the answer's, and each answer is there as text."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings

from exports.tables import Column, TableHead
from exports.values import DTYPES
from exports.writers import parquet
from exports.writers.parquet import METADATA, column_names
from tests.helpers.batches import (
    COLUMNS,
    FORM,
    LONG_LABEL,
    REPEAT,
    TZ,
    Batches,
    answers,
    stands_for,
)

NAMES = column_names(FORM)


@settings(max_examples=50, deadline=None)
@given(answers())
def test_every_answer_comes_back_and_every_value_is_one(sent):
    with tempfile.TemporaryDirectory() as name:
        [path] = parquet.write(Batches([FORM], *([rows] for rows in sent)), Path(name))
        found = pl.scan_parquet(path).collect()

    rows = [row for batch in sent for row in batch]
    assert found.height == len(rows)
    for i, (value, text) in enumerate(NAMES):
        assert found[text or value].to_list() == [row[i] for row in rows]
        if text:
            check_values(found[value], [row[i] for row in rows])


def check_values(found: pl.Series, texts: list[str | None]) -> None:
    if found.dtype == DTYPES["dateTime"]:
        found = found.dt.convert_time_zone(str(TZ)).dt.replace_time_zone(None)
    for value, text in zip(found, texts, strict=True):
        assert value is None or is_value(value, text or "")


def is_value(value: object, text: str) -> bool:
    return stands_for(value, text) or (isinstance(value, float) and value == float(text))


def test_what_is_no_value_is_text_only(tmp_path):
    head = TableHead("", (Column("n", "int"),))
    [path] = parquet.write(Batches([head], [[["7"], ["007"], [None]]]), tmp_path)

    assert pl.read_parquet(path).rows() == [(7, "7"), (None, "007"), (None, None)]


def test_columns_are_the_same_whatever_was_answered(tmp_path):
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    empty.mkdir()
    rows = [["x"] * len(COLUMNS), [None] * len(COLUMNS)]
    [one] = parquet.write(Batches([FORM], [rows]), full)
    [other] = parquet.write(Batches([FORM]), empty)

    assert pl.read_parquet_schema(one) == pl.read_parquet_schema(other)
    assert pl.read_parquet(other).height == 0
    assert [path.name for path in empty.iterdir()] == ["f.parquet"]


def test_a_question_named_as_the_text_of_another_keeps_its_name():
    names = dict(zip((c.id for c in COLUMNS), NAMES, strict=True))

    assert names["d"] == ("d", "d__text~2")
    assert names["d__text"] == ("d__text", "")


def test_a_repeat_is_a_file_and_the_batches_follow_each_other(tmp_path):
    form = [None] * (len(COLUMNS) - 1)
    batches = [
        [[[*form, "uuid:1"]], [["1", "uuid:1", "uuid:1/r[1]"], ["2", "uuid:1", "uuid:1/r[2]"]]],
        [[[*form, "uuid:2"]], [["3", "uuid:2", "uuid:2/r[1]"]]],
    ]
    paths = parquet.write(Batches([FORM, REPEAT], *batches), tmp_path)

    assert [path.name for path in paths] == ["f.parquet", "f-r.parquet"]
    assert pl.read_parquet(paths[1])["n"].to_list() == [1, 2, 3]


def test_the_file_says_what_its_columns_are(tmp_path):
    [path] = parquet.write(Batches([FORM]), tmp_path)

    about = json.loads(pl.read_parquet_metadata(path)[METADATA])
    columns = {column["name"]: column for column in about["columns"]}

    assert (about["form"], about["title"]) == ("f", "Phiếu")
    assert columns["a"]["label"] == LONG_LABEL
    assert columns["of_words"]["codes"]["yes"] == "Có"
    assert columns["d"]["text"] == "d__text~2"


def test_many_batches_of_much_text_are_one_file_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr("exports.writers.spool._PIECE", 1000)
    head = TableHead("", (Column("s"),))
    batches = [[[[f"{at}-{n}" * 20] for n in range(7)]] for at in range(30)]
    [path] = parquet.write(Batches([head], *batches), tmp_path)

    assert pl.read_parquet(path)["s"].to_list() == [row[0] for [rows] in batches for row in rows]


def test_the_same_rows_twice_are_the_same_bytes(tmp_path):
    rows = [[f"x{n}"] * len(COLUMNS) for n in range(50)]
    written = []
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        [path] = parquet.write(Batches([FORM], [rows], [rows[:9]]), tmp_path / name)
        written.append(path.read_bytes())

    assert written[0] == written[1]
