"""Text in a cell comes back as it was, whatever it holds and whatever stands beside it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from exports.tables import Column, TableHead
from exports.writers import xlsx
from tests.conftest import leave_out
from tests.helpers.datasets import Rows
from tests.helpers.libreoffice import has_libreoffice, read_books

HARD = [
    "_x0041_", "_x0041_x0042_", "__x0041_", "_x000d_", "_X0041_", "_x00", "_x005F_", "thon_xuan",
    "\x01", "\x01x0041_", "_\x01", "_x0041\x1f", "\x00", "\x0b\x0c", "\r", "\r\n", "\n", "\t",
    "a\nb", " a", "a ", "  ", "\xa0a", "a  b", "&", "&amp;", "<b>", "]]>", "\"'", "😀",
    "\U0010ffff", "=1+1", "\ufeffx", "e\u0301", "\u202e1", "\x7f\x85\u2028", "007",
]  # fmt: skip
# No XML holds the two, escaped or not; Excel alone reads their escapes.
TEXTS = st.one_of(
    st.sampled_from(HARD),
    st.text(st.characters(exclude_characters="\ufffe\uffff", codec="utf-8"), min_size=1),
    st.lists(st.sampled_from([*"_x0041fF&< \r\n\x02a"]), min_size=1).map("".join),
)


def written(folder: str, texts: list[str], headings: tuple[str, str] = ("a", "b")) -> Path:
    """A workbook whose rows have a text twice: in a column of texts and in one of numbers."""
    head = TableHead("", (Column(headings[0]), Column(headings[1], "int"), Column("KEY")))
    rows = [(text, text, str(i)) for i, text in enumerate(texts)]
    return xlsx.write(Rows([head], rows), Path(folder))[0]


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
@example(HARD)
def test_every_text_comes_back(texts):
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, texts)
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1:]

    assert [row[0] for row in rows] == texts
    assert [row[1] for row in rows] == [number_or_text(text) for text in texts]


def number_or_text(text: str) -> float | str:
    is_number = text.isascii() and text.removeprefix("-").isdigit() and str(int(text)) == text
    return float(text) if (is_number and len(text) <= 15) or text == "-0" else text


@settings(max_examples=50, deadline=None)
@given(TEXTS, TEXTS)
def test_so_does_every_heading(first, second):
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, ["x"], (first, second if second != first else f"{second}~2"))
        header = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[0]

    assert header[0] == first


def test_libreoffice_reads_them_too(tmp_path):
    if not has_libreoffice():
        leave_out("LibreOffice (soffice) is missing")
    # It reads these right, but what it writes of them is something else.
    texts = [text for text in HARD if text not in ("_x0041_x0042_", "_x0041\x1f", "\r\n")]

    read_books([written(str(tmp_path), texts)], tmp_path)
    book = CalamineWorkbook.from_path(str(tmp_path / "read" / "f.xlsx"))

    assert [row[0] for row in book.get_sheet_by_name("f").to_python()[1:]] == texts
