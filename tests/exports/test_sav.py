"""SPSS files, read back by pyreadstat."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings

from exports.errors import TableTooLarge
from exports.tables import Column, TableHead
from exports.writers import sav
from tests.helpers.batches import COLUMNS, FORM, REPEAT, Batches, answers
from tests.helpers.statistics_files import StatisticsFile, is_answer

LEGAL = r"[A-Za-z][A-Za-z0-9_]{0,63}"


def written(tmp_path: Path, head: TableHead, *rows, language: str = "vi") -> StatisticsFile:
    dataset = Batches([head], [[[*row] for row in rows]], language=language)
    return StatisticsFile.read(sav.write(dataset, tmp_path)[0])


def one(column: Column) -> TableHead:
    return TableHead("", (column,))


@settings(max_examples=40, deadline=None)
@given(answers())
def test_every_answer_comes_back(sent):
    with tempfile.TemporaryDirectory() as name:
        [path] = sav.write(Batches([FORM], *([rows] for rows in sent)), Path(name))
        found = StatisticsFile.read(path)

    rows = [row for batch in sent for row in batch]
    columns = found.columns()
    for i, column in enumerate(COLUMNS):
        values = columns[column.id]
        beside = columns.get(f"{column.id} (nguyên văn)", [None] * len(rows))
        for value, text, row in zip(values, beside, rows, strict=True):
            # SPSS fills text up with spaces: those at its end are none of it.
            answer = row[i].rstrip(" ") if row[i] else row[i]
            assert is_answer(value, text, answer or None, {})


def test_names_are_legal_and_the_label_begins_with_the_columns_own(tmp_path):
    found = written(tmp_path, FORM)

    names, labels = found.frame.columns, found.meta.column_labels
    assert all(pl.Series(names).str.contains(f"^{LEGAL}$"))
    assert len({name.lower() for name in names}) == len(COLUMNS)
    assert {"a", "A_2", "with_2", "g_so_tre", "v_t", "KEY"} <= set(names)
    assert labels[3] == "g-số trẻ: Số trẻ"
    assert labels[0].startswith("a: Câu hỏi về tình hình")
    assert len(labels[0].encode()) <= 255
    assert labels[0].endswith("…")


@pytest.mark.parametrize(
    ("codes", "rows", "values", "labels"),
    [
        ({"1": "Có", "2": "Không"}, ["2", None, "9"], [2, None, 9], {1: "Có", 2: "Không"}),
        ({"1": "Có", "2": "Không"}, ["2", "02"], ["2", "02"], {"1": "Có", "2": "Không"}),
        ({"01": "Có"}, ["01"], ["01"], {"01": "Có"}),
        ({"yes": "Có", "no": "Không"}, ["yes", None], ["yes", ""], {"yes": "Có", "no": "Không"}),
        ({"có": "Có", "x" * 30: "Dài"}, ["có"], ["có"], {"có": "Có", "x" * 30: "Dài"}),
        ({"có": "Có", "ửữự": "?"}, ["có"], ["có"], {"có": "Có"}),
    ],
)
def test_codes_are_numbers_if_all_are_and_have_labels(tmp_path, codes, rows, values, labels):
    found = written(tmp_path, one(Column("q", codes=codes)), *([row] for row in rows))

    assert found.frame["q"].to_list() == values
    assert found.labels("q") == labels


def test_dates_times_and_numbers_are_shown_as_such(tmp_path):
    found = written(tmp_path, FORM)

    formats = {name[:6]: kind for name, kind in found.meta.original_variable_types.items()}
    shown = [formats[name] for name in ("d", "at", "v_t", "g_so_t", "of_num")]
    assert shown == ["EDATE10", "DATETIME23.3", "TIME12.3", "F18.0", "F18.0"]


def test_decimals_are_shown_as_many_as_were_answered(tmp_path):
    found = written(tmp_path, one(Column("x", "decimal")), ["1.5"], ["106.2148192"])

    assert found.meta.original_variable_types == {"x": "F18.7"}


@pytest.mark.parametrize(("language", "note"), [("vi", "nguyên văn"), ("en", "as answered")])
def test_what_is_not_exact_stands_beside_as_text(tmp_path, language, note):
    head = one(Column("n", "int", label="N"))

    found = written(tmp_path, head, ["7"], ["007"], [None], language=language)

    assert found.frame.rows() == [(7, ""), (None, "007"), (None, "")]
    assert found.frame.columns == ["n", "n_text"]
    assert found.meta.column_labels == ["n: N", f"n ({note}): N"]


def test_text_that_is_too_long_is_whole_in_a_file_beside(tmp_path):
    head = TableHead("r", (Column("t", path="/t"), Column("KEY")))
    long, exact = "Ở xã " * 10_000, "x" * 32_767
    rows = [[long, "u1"], ["short", "u2"], [exact, "u3"], [None, "u4"]]

    path, beside = sav.write(Batches([head], [rows]), tmp_path)

    found = StatisticsFile.read(path).frame["t"].to_list()
    assert found[0].startswith("Ở xã Ở xã")
    assert found[0].endswith("… [f-long-texts.csv]")
    assert found[1:] == ["short", exact, ""]
    text = io.StringIO(beside.read_bytes().decode("utf-8-sig"), newline="")
    assert list(csv.reader(text)) == [
        ["table", "KEY", "column", "text"],
        ["r", "u1", "t", long],
    ]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("int", "9" * 16),
        ("int", "-0012"),
        ("decimal", "0.1234567890123456"),
        ("decimal", "1e5"),
        ("date", "2026-02-30"),
        ("date", "1500-01-01"),
        ("dateTime", "2026-01-01T10:00:00.123456+07:00"),
        ("time", "10:00:00.123456"),
    ],
)
def test_what_is_not_exact_is_missing_and_stands_beside(tmp_path, type_, text):
    found = written(tmp_path, one(Column("n", type_)), [text])

    assert found.frame.rows() == [(None, text)]


def test_names_that_differ_in_case_only_are_numbered(tmp_path):
    head = TableHead("", (Column("B"), Column("b"), Column("b_2"), Column("ALL"), Column("int")))

    assert written(tmp_path, head).frame.columns == ["B", "b_2", "b_2_2", "ALL_2", "int"]


def test_every_table_is_a_file_also_an_empty_one(tmp_path):
    paths = sav.write(Batches([FORM, REPEAT]), tmp_path)

    assert [path.name for path in paths] == ["f.sav", "f-r.sav"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f-r.sav", "f.sav"]
    assert [StatisticsFile.read(path).frame.height for path in paths] == [0, 0]


def test_a_table_that_does_not_fit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("exports.writers.whole.MAX_ROWS", 2)
    batch = [[["1"], ["2"]]]
    head = one(Column("n"))

    sav.write(Batches([head], batch), tmp_path)
    with pytest.raises(TableTooLarge) as refused:
        sav.write(Batches([head], batch, batch), tmp_path)

    assert (refused.value.path.name, refused.value.max_rows) == ("f.sav", 2)


def test_the_same_rows_twice_are_the_same_bytes_at_any_time(tmp_path):
    rows = [["x", *[None] * (len(COLUMNS) - 2), "u1"]]

    [path] = sav.write(Batches([FORM], [rows], title="Phiếu " * 30), tmp_path)

    found = StatisticsFile.read(path).meta
    assert str(found.creation_time) == "2000-01-01 00:00:00"
    assert found.file_label.startswith("Phiếu Phiếu")
    once = path.read_bytes()
    [path] = sav.write(Batches([FORM], [rows], title="Phiếu " * 30), tmp_path)
    assert path.read_bytes() == once
