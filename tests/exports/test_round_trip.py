"""Parse, flatten, write, read back: the answers that were sent, leaf by leaf."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from exports.formulas import restore_text
from exports.packages import deliver, staged
from exports.shapes import Shape
from exports.writers import csv as csv_writer
from exports.writers import xlsx as xlsx_writer
from forms.definitions import Bind, Field, FormDefinition, Kind
from tests.helpers.datasets import Instances
from tests.helpers.tables import expected_rows

SPECIAL = [
    "=1+1", "+84912345678", "-5", "-5.25", "- x", "@SUM(A1)", "\t=1", " =1", "\u200b=1", "＝1",
    "'", "''=1", "'quoted", "007", "1,5", 'Nói "có"', "dòng 1\ndòng 2", "a\r\nb", "a;b,c",
    "Nguyễn Thị Hoà", "Nguyễn", "😀 👩‍👧", "1e5", "2026-02-30", "00", "TRUE", "null", "\ufeffx",
]  # fmt: skip
ANSWERS = st.one_of(
    st.sampled_from(SPECIAL),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=30),
    st.integers().map(str),
).filter(lambda text: text.strip("\ufffe\uffff") == text)


def question(path: str, type_: str = "string") -> Field:
    return Field(path, Kind.QUESTION, Bind(type=type_))


FORM = FormDefinition(
    xform=b"",
    xml_form_id="f",
    version="1",
    title="F",
    languages=(),
    default_language="",
    root=Field(
        "",
        Kind.GROUP,
        children=(
            question("/a"),
            question("/n", "int"),
            question("/d", "date"),
            Field("/g", Kind.GROUP, children=(question("/g/b"), question("/g/x", "decimal"))),
            Field(
                "/r",
                Kind.REPEAT,
                children=(
                    question("/r/c"),
                    Field("/r/h", Kind.GROUP, children=(question("/r/h/e"),)),
                ),
            ),
            Field("/meta", Kind.GROUP, children=(question("/meta/instanceID"),)),
        ),
    ),
)


@st.composite
def instances(draw) -> list[bytes]:
    return [draw(one_instance(number)) for number in range(draw(st.integers(0, 4)))]


@st.composite
def one_instance(draw, number: int) -> bytes:
    def leaf(name: str) -> str:
        text = draw(st.none() | ANSWERS)
        return f"<{name}/>" if text is None else f"<{name}>{written(text)}</{name}>"

    repeats = "".join(
        f"<r>{leaf('c')}<h>{leaf('e')}</h></r>" if draw(st.booleans()) else "<r/>"
        for _ in range(draw(st.integers(0, 3)))
    )
    head = "".join(leaf(name) for name in ("a", "n", "d"))
    group = f"<g>{leaf('b')}{leaf('x')}</g>"
    meta = f"<meta><instanceID>uuid:{number}</instanceID></meta>"
    return f'<data id="f" version="1">{head}{group}{repeats}{meta}</data>'.encode()


def written(text: str) -> str:
    """As Collect writes an answer: a carriage return as a reference, or it would be lost."""
    return escape(text).replace("\r", "&#13;")


def rows_sent(sent: Sequence[bytes]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    pairs = [expected_rows(xml, repeats={"r"}) for xml in sent]
    return [root for root, _ in pairs], [row for _, rows in pairs for row in rows]


def answers(rows, *, names: set[str]) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if v not in (None, "") and k in names} for row in rows]


ROOT = {"a", "n", "d", "g-b", "g-x", "meta-instanceID", "KEY"}
REPEAT = {"c", "h-e", "KEY", "PARENT_KEY"}


@settings(max_examples=120, deadline=None)
@given(instances())
def test_csv_gives_the_answers_back_to_python_and_to_polars(sent):
    with tempfile.TemporaryDirectory() as name:
        paths = csv_writer.write(Instances(sent, [FORM]), Path(name))
        texts = [path.read_bytes() for path in paths]

    roots, repeats = rows_sent(sent)
    for content, expected, names in zip(texts, (roots, repeats), (ROOT, REPEAT), strict=True):
        text = content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        restored = [{k: restore_text(v) for k, v in row.items()} for row in rows]
        assert answers(restored, names=names) == expected
        frame = pl.read_csv(content, infer_schema=False, truncate_ragged_lines=False)
        by_polars = [
            {k: restore_text(v) if v else v for k, v in row.items()}
            for row in frame.iter_rows(named=True)
        ]
        assert answers(by_polars, names=names) == expected


@settings(max_examples=120, deadline=None)
@given(instances())
def test_no_cell_of_a_csv_begins_as_a_formula(sent):
    with tempfile.TemporaryDirectory() as name:
        paths = csv_writer.write(Instances(sent, [FORM]), Path(name))
        rows = [
            row
            for path in paths
            for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        ]

    for cell in (cell for row in rows for cell in row):
        seen = "".join(c for c in cell if c.isprintable() and not c.isspace())
        runs = seen[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠") or cell[:1] in ("\t", "\r")
        assert not runs or is_number(cell)


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.startswith("-")


@settings(max_examples=80, deadline=None)
@given(instances())
def test_xlsx_gives_the_answers_back_to_an_independent_reader(sent):
    with tempfile.TemporaryDirectory() as name:
        [path] = xlsx_writer.write(Instances(sent, [FORM]), Path(name))
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(n).to_python() for n in book.sheet_names[:2]]

    roots, repeats = rows_sent(sent)
    for sheet, expected, names in zip(sheets, (roots, repeats), (ROOT, REPEAT), strict=True):
        header, *rows = sheet
        cells = [dict(zip(header, map(as_text, row), strict=True)) for row in rows]
        assert answers(cells, names=names) == [
            {k: as_read(k, v) for k, v in row.items()} for row in expected
        ]


def as_text(cell) -> str:
    """A cell as the answer that it stands for."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).replace("\r\n", "\n")


def as_read(column: str, answer: str) -> str:
    """XML line ends are read as one character by every XLSX reader."""
    return answer.replace("\r\n", "\n")


def test_the_same_rows_twice_are_the_same_bytes(tmp_path):
    sent = [b'<data id="f"><a>x</a><meta><instanceID>uuid:1</instanceID></meta></data>']
    packed = []
    for out in (tmp_path / "1.zip", tmp_path / "2.zip"):
        with staged(out, "f") as folder:
            csv_writer.write(Instances(sent, [FORM]), folder)
            xlsx_writer.write(Instances(sent, [FORM]), folder)
            deliver(folder, out, "f")
        packed.append(out.read_bytes())

    assert packed[0] == packed[1]


@pytest.mark.parametrize("name", ["KEY", "commune", "SubmissionDate"])
def test_a_question_keeps_its_name_and_the_system_column_gives_way(name):
    form = FormDefinition(
        **{
            f: getattr(FORM, f)
            for f in ("xform", "xml_form_id", "version", "title", "languages", "default_language")
        },
        root=Field("", Kind.GROUP, children=(question(f"/{name}"),)),
    )

    headings = [column.heading for column in Shape({1: form}).heads[0].columns]

    assert headings.count(name) == 1
    assert f"__{name}" in headings
