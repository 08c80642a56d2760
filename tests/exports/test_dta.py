"""Stata files, read back by pyreadstat."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings

from exports.errors import TableTooLarge
from exports.tables import Column, TableHead
from exports.writers import dta
from tests.helpers.batches import COLUMNS, FORM, REPEAT, Batches, answers
from tests.helpers.statistics_files import StatisticsFile, is_answer

LEGAL = r"[A-Za-z][A-Za-z0-9_]{0,31}"


def written(tmp_path: Path, head: TableHead, *rows, language: str = "vi") -> StatisticsFile:
    dataset = Batches([head], [[[*row] for row in rows]], language=language)
    return StatisticsFile.read(dta.write(dataset, tmp_path)[0])


def one(column: Column) -> TableHead:
    return TableHead("", (column,))


@settings(max_examples=40, deadline=None)
@given(answers())
def test_every_answer_comes_back(sent):
    with tempfile.TemporaryDirectory() as name:
        [path] = dta.write(Batches([FORM], *([rows] for rows in sent)), Path(name))
        found = StatisticsFile.read(path)

    rows = [row for batch in sent for row in batch]
    columns = found.columns()
    for i, column in enumerate(COLUMNS):
        coded = columns.get(f"{column.id} (ghi mã)")
        values = columns[column.id] if coded is None else coded
        beside = columns.get(f"{column.id} (nguyên văn)", [None] * len(rows))
        for value, text, row in zip(values, beside, rows, strict=True):
            assert is_answer(value, text, row[i], found.labels(values.name))


def test_names_are_legal_and_the_label_begins_with_the_columns_own(tmp_path):
    found = written(tmp_path, FORM)

    names, labels = found.frame.columns, found.meta.column_labels
    assert all(pl.Series(names).str.contains(f"^{LEGAL}$"))
    assert len({name.lower() for name in names}) == len(COLUMNS)
    assert {"a", "A_2", "with_2", "g_so_tre", "v_t", "KEY"} <= set(names)
    assert labels[3] == "g-số trẻ: Số trẻ"
    assert (len(labels[0]), labels[0][:7], labels[0][-1]) == (80, "a: Câu ", "…")


@pytest.mark.parametrize(
    ("codes", "rows", "values", "labels"),
    [
        ({"1": "Có", "2": "Không"}, ["2", None, "9"], [2, None, 9], {1: "Có", 2: "Không"}),
        ({"yes": "Có", "có": "Có"}, ["có", None], [2, None], {1: "Có [yes]", 2: "Có [có]"}),
        ({"01": "Có"}, ["01"], [1], {1: "Có [01]"}),
        ({"yes": "Có"}, ["yes", "other"], ["yes", "other"], {}),
        ({"1": "Có"}, ["1", "other"], ["1", "other"], {}),
    ],
)
def test_codes_are_numbers_with_labels_unless_some_are_unknown(
    tmp_path, codes, rows, values, labels
):
    found = written(tmp_path, one(Column("q", codes=codes)), *([row] for row in rows))

    assert found.frame["q"].to_list() == values
    assert found.labels("q") == labels
    assert found.meta.column_labels == ["q" if labels else "q (ghi mã)"]


def test_text_of_any_length_is_whole(tmp_path):
    texts = ["Ở xã " * 20_000, "x", None, "y" * 2045, "é" * 1022, ""]
    head = TableHead("", (Column("t"), Column("u")))

    found = written(tmp_path, head, *([text, "x" * 2044] for text in texts))

    assert found.frame["t"].to_list() == [text or "" for text in texts]
    assert found.frame["u"].to_list() == ["x" * 2044] * len(texts)


def test_dates_and_times_are_shown_as_such(tmp_path):
    formats = written(tmp_path, FORM).meta.original_variable_types

    assert [formats[name] for name in ("d", "at", "v_t")] == ["%td", "%tc", "%tcHH:MM:SS"]


@pytest.mark.parametrize(("language", "note"), [("vi", "nguyên văn"), ("en", "as answered")])
def test_what_is_not_exact_stands_beside_as_text(tmp_path, language, note):
    head = one(Column("n", "int", label="N"))

    found = written(tmp_path, head, ["7"], ["007"], [None], language=language)

    assert found.frame.rows() == [(7, ""), (None, "007"), (None, "")]
    assert found.meta.column_labels == ["n: N", f"n ({note}): N"]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("int", "9" * 16),
        ("int", "-0012"),
        ("decimal", "0.1234567890123456"),
        ("decimal", "1e5"),
        ("date", "2026-02-30"),
        ("date", "0099-01-01"),
        ("dateTime", "2026-01-01T10:00:00.123456+07:00"),
        ("time", "10:00:00.123456"),
    ],
)
def test_what_is_not_exact_is_missing_and_stands_beside(tmp_path, type_, text):
    found = written(tmp_path, one(Column("n", type_)), [text])

    assert found.frame.rows() == [(None, text)]


def test_names_that_differ_in_case_only_are_numbered(tmp_path):
    head = TableHead("", (Column("B"), Column("b"), Column("b_2"), Column("ALL"), Column("int")))

    assert written(tmp_path, head).frame.columns == ["B", "b_2", "b_2_2", "ALL", "int_2"]


def test_every_table_is_a_file_also_an_empty_one(tmp_path):
    paths = dta.write(Batches([FORM, REPEAT]), tmp_path)

    assert [path.name for path in paths] == ["f.dta", "f-r.dta"]
    assert [StatisticsFile.read(path).frame.height for path in paths] == [0, 0]


def test_a_table_of_too_many_bytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("exports.writers.whole.MAX_BYTES", 1000)

    with pytest.raises(TableTooLarge):
        dta.write(Batches([one(Column("n"))], [[["x" * 2000]]]), tmp_path)


@pytest.mark.parametrize(("length", "fits"), [(40, True), (60, False), (3000, True)])
def test_a_file_of_too_many_bytes_is_refused(tmp_path, monkeypatch, length, fits):
    monkeypatch.setattr("exports.writers.whole.MAX_FILE_BYTES", 100)
    dataset = Batches([one(Column("n"))], [[["x" * length], ["x"]]])

    if fits:
        assert dta.write(dataset, tmp_path)
    else:
        with pytest.raises(TableTooLarge):
            dta.write(dataset, tmp_path)


@pytest.mark.parametrize("title", ["", "Phiếu", "<timestamp>" * 5, "Phiếu " * 30])
def test_the_same_rows_twice_are_the_same_bytes_at_any_time(tmp_path, title):
    rows = [["x", *[None] * (len(COLUMNS) - 2), "u1"]]

    [path] = dta.write(Batches([FORM], [rows], title=title), tmp_path)

    assert str(StatisticsFile.read(path).meta.creation_time) == "2000-01-01 00:00:00"
    assert path.read_bytes().count(b"01 Jan 2000 00:00</timestamp></header>") == 1
    once = path.read_bytes()
    [path] = dta.write(Batches([FORM], [rows], title=title), tmp_path)
    assert path.read_bytes() == once
