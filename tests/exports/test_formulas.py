"""The quick way to inert text gives what the plain one gives, in cells, headings and names."""

from __future__ import annotations

import csv
import tempfile
from datetime import UTC
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import formulas
from exports.formulas import neutralise, neutralise_text, restore_text
from exports.names import file_name
from exports.tables import Column, Table, TableHead
from exports.writers import csv as csv_writer

EDGES = (
    "'=+-@＝＋－＠./0129:;<>?AZ[`az{~\x7f \t\r\n\x00\x85\xa0\xad\u0300\u0301"
    "\u200b\u200d\u202e\u2060\u3164\ufeff\U000e0020Đđ😀"
)
FIRST = st.sampled_from(EDGES) | st.characters(exclude_categories=["Cs"])
TEXTS = st.builds("".join, st.lists(FIRST, max_size=4)) | st.sampled_from(
    ["-5", "-5.25", "-1e5", "-5x", "\u200b=1", "e\u0301", "\u0301=1", "1=1", "uuid:1"]
)
COLUMNS = st.lists(st.none() | TEXTS | st.just("1") | st.just("x"), max_size=6)


def plainly(frame: pl.DataFrame) -> pl.DataFrame:
    """The definition: every cell is asked both questions."""
    return frame.with_columns(
        pl.when(
            pl.col(name).str.contains(formulas._RUNS)
            & ~pl.col(name).str.contains(formulas._NEGATIVE)
        )
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in frame.columns
    )


@settings(max_examples=400, deadline=None)
@given(COLUMNS, st.data())
def test_the_quick_way_gives_what_the_plain_one_gives(first, data):
    second = data.draw(st.permutations(first))
    ordinary = ["12"] * len(first)
    frame = pl.DataFrame(
        {"a": first, "b": second, "c": ordinary}, schema=dict.fromkeys("abc", pl.String)
    )

    assert neutralise(frame).equals(plainly(frame))


def test_no_single_character_is_let_through():
    firsts = [chr(i) for i in range(0x250)]
    frame = pl.DataFrame(
        {f"{i:x} {tail}": [f + tail] for i, f in enumerate(firsts) for tail in ("", "=1")}
    )

    assert neutralise(frame).equals(plainly(frame))


@pytest.mark.parametrize(
    "frame", [pl.DataFrame(), pl.DataFrame({"a": []}, schema={"a": pl.String})]
)
def test_nothing_stays_nothing(frame):
    assert neutralise(frame).equals(frame)


class OneColumn:
    """A Dataset of one heading and no rows."""

    name, title, language, tz = "f", "F", "vi", UTC

    def __init__(self, heading: str) -> None:
        self.heads = (TableHead("", (Column(heading),)),)

    def batches(self):
        yield tuple(Table.of(head, []) for head in self.heads)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_heading_is_inert_and_comes_back(heading):
    with tempfile.TemporaryDirectory() as folder:
        [path] = csv_writer.write(OneColumn(heading), Path(folder))
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file, strict=True) for cell in row]

    assert "".join(cells) == neutralise_text(heading)
    assert restore_text("".join(cells)) == heading


@settings(max_examples=300, deadline=None)
@given(TEXTS.filter(lambda text: not text.strip(" .").startswith("'")))
def test_a_file_is_never_named_as_a_formula(text):
    name = file_name(text)

    assert neutralise_text(name) == name
