"""Nothing hostile in a form, its answers or its communes runs where an export is opened.

Values, labels, codes, headings, names of files and of sheets are drawn together: formulas behind
characters that nobody sees. Readers that are not ours find no formula, and what they read is what
was there, once one apostrophe is taken away.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from exports.formats import FORMATS
from exports.packages import deliver, staged
from exports.partition import INDEX, Part, write_parts
from exports.workbooks.contents import Commune, CommuneBook, Noted
from exports.workbooks.writing import write_workbook
from forms.checking import Severity
from forms.definitions import Bind, Choice, Field, FormDefinition, Kind
from tests.helpers.datasets import Instances

UNSEEN = [
    "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u202e", "\u202d", "\u2066", "\u2069",
    "\u200f", "\xad", "\u061c", "\u3164", "\u115f", "\uffa0", "\u2800", "\u034f", "\ufe0f",
    "\U000e0020", "\U000e0001", "\u180e", "\x7f", "\x85", "\u0301", " ", "\xa0", "\u3000",
    "\u2028", "\t", "\r", "\n",
]  # fmt: skip
OPENERS = "=+-@＝＋－＠"
TAILS = [
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x";"y")', "SUM(A1)", "x", "'", "", ",;\t=2",
    "5", "- bò", '"', "&A<b>]]>",
]  # fmt: skip
HOSTILE = st.builds(
    lambda unseen, opener, tail: "".join(unseen) + opener + tail,
    st.lists(st.sampled_from(UNSEEN), max_size=3),
    st.sampled_from([*OPENERS, "'", "''", "a", "/", "[", ""]),
    st.sampled_from(TAILS),
).filter(bool)
FILLERS = set("\u115f\u1160\u3164\uffa0\u2800")


def runs(text: str) -> bool:
    """Whether some program takes it for a formula; a negative number is none."""
    if re.fullmatch(r"-\d+(\.\d+)?", text):
        return False
    seen = [c for c in text if unicodedata.category(c)[0] not in "CZM" and c not in FILLERS]
    return text[:1] in ("\t", "\r") or (bool(seen) and seen[0] in OPENERS)


class Hostile(NamedTuple):
    """A form, and what comes of it; `texts` are two labels, a choice's label and a repeat's."""

    name: str
    title: str
    texts: list[str]
    code: str
    answers: list[str]
    commune: str
    code_of_commune: str

    @property
    def form(self) -> FormDefinition:
        first, second, choice, inner = self.texts
        choices = (Choice(self.code, {"vi": choice}), Choice("1", {"vi": first}))
        children = (
            Field("/a", Kind.QUESTION, Bind(type="string"), {"vi": first}, control="input"),
            Field("/s", Kind.QUESTION, Bind(type="string"), {"vi": second}, control="select1",
                  choices=choices),
            Field("/r", Kind.REPEAT, labels={"vi": inner}, children=(
                Field("/r/b", Kind.QUESTION, Bind(type="string"), {"vi": inner}, control="input"),
            )),
            Field("/meta", Kind.GROUP, children=(
                Field("/meta/instanceID", Kind.QUESTION, Bind(type="string")),
            )),
        )  # fmt: skip
        root = Field("", Kind.GROUP, children=children)
        return FormDefinition(b"", self.name, "1", self.title, ("vi",), "vi", root)

    def slips(self) -> Iterator[bytes]:
        for number, answer in enumerate(self.answers):
            text = "".join(f"&#{ord(c)};" if c in "\r\n\t" else escape(c) for c in answer)
            yield (
                f'<data id="f"><a>{text}</a><s>{escape(self.code)}</s><r><b>{text}</b></r>'
                f"<meta><instanceID>uuid:{number}</instanceID></meta></data>"
            ).encode()

    def dataset(self) -> Instances:
        made = Instances(list(self.slips()), [self.form], "vi")
        made.name, made.title = self.name, self.title
        return made

    @property
    def label(self) -> str:
        return self.texts[2]


HOSTILES = st.builds(
    Hostile,
    name=HOSTILE,
    title=HOSTILE,
    texts=st.lists(HOSTILE, min_size=4, max_size=4),
    code=HOSTILE.filter(lambda text: not re.search(r"\s", text) and text != "1"),
    answers=st.lists(HOSTILE, min_size=1, max_size=3),
    commune=HOSTILE,
    code_of_commune=HOSTILE,
)
slow = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make an example small takes minutes
)


def packed(hostile: Hostile, format_: str) -> dict[str, bytes]:
    """The members of a ZIP by commune."""
    part = Part(hostile.code_of_commune, hostile.commune, "e", True, 1, hostile.dataset())
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out.zip"
        with staged(out, "f") as folder:
            write_parts([part], folder, FORMATS[format_])
            deliver(folder, out, "f")
        with zipfile.ZipFile(out) as archive:
            return {member: archive.read(member) for member in archive.namelist()}


def check_names(members: dict[str, bytes]) -> None:
    assert not [part for name in members for part in name.split("/") if runs(part)]


def undone(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell


@slow
@given(HOSTILES)
def test_a_csv_for_people_is_inert_and_comes_back(hostile):
    members = packed(hostile, "csv")

    check_names(members)
    tables = {
        name: list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True))
        for name, text in members.items()
    }
    assert not [cell for rows in tables.values() for row in rows for cell in row if runs(cell)]
    index = tables.pop(INDEX)
    assert [undone(cell) for cell in index[1][:2]] == [hostile.code_of_commune, hostile.commune]
    # The form's file comes before or after its repeat's, as their names sort.
    root, repeat = sorted(tables.values(), key=lambda rows: len(rows[0]), reverse=True)
    heads = hostile.dataset().heads
    for rows, head in zip((root, repeat), heads, strict=True):
        assert [undone(cell) for cell in rows[0]] == [c.heading for c in head.columns]
    found = [[undone(cell) for cell in row] for row in root[1:]]
    assert [row[1:3] for row in found] == [[a, hostile.label] for a in hostile.answers]
    assert [undone(row[0]) for row in repeat[1:]] == hostile.answers


@slow
@given(HOSTILES)
def test_so_is_an_xlsx(hostile):
    members = packed(hostile, "xlsx")

    check_names(members)
    [book] = [content for name, content in members.items() if name != INDEX]
    sheets = read_inert(book)
    root, repeat, _, dictionary = sheets.values()
    for rows, head in zip((root, repeat), hostile.dataset().heads, strict=True):
        assert rows[0] == [column.heading for column in head.columns]
    assert [row[1:3] for row in root[1:]] == [[a, hostile.label] for a in hostile.answers]
    assert [row[0] for row in repeat[1:]] == hostile.answers
    assert [hostile.code, hostile.label] in [row[6:8] for row in dictionary]


@slow
@given(HOSTILES)
def test_so_is_a_communes_workbook(hostile):
    village, said, about, *_ = hostile.texts
    book = CommuneBook(
        dataset=hostile.dataset(),
        commune=Commune(hostile.code_of_commune, hostile.commune, hostile.title, said),
        asked=frozenset({"/a", "/s", "/r/b"}),
        villages={"v": village},
        village_of={"uuid:0": "v"},
        noted=[Noted("uuid:0", Severity.ERROR, said, said, "/a", about, hostile.answers[0])],
        due=[],
    )
    with tempfile.TemporaryDirectory() as name:
        [path], _ = write_workbook(book, Path(name))
        sheets = read_inert(path.read_bytes())
        assert not runs(path.name)

    _, root, repeat, noted, *_ = sheets.values()
    for answer in hostile.answers:
        assert any(answer in row for row in root[1:])
        assert any(answer in row for row in repeat[1:])
    assert noted[1][-3:-1] == [hostile.answers[0], said]


def read_inert(book: bytes) -> dict[str, list[list]]:
    """The cells of every sheet; the file has no formula and no name that is like one."""
    with zipfile.ZipFile(BytesIO(book)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert not re.search(rb"<f[ >/]", archive.read(name))
        assert not [n for n in archive.namelist() if "externalLink" in n or "hyperlink" in n]
    read = CalamineWorkbook.from_filelike(BytesIO(book))
    assert not [name for name in read.sheet_names if runs(name)]
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


@pytest.mark.parametrize("text", ["=1", "\u200b=1", "\t1", "＝1", "-x", "--1", "@a", "\u0301+1"])
def test_the_judge_knows_formulas(text):
    assert runs(text)
    assert not runs(f"'{text}")
