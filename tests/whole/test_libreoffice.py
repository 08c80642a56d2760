"""LibreOffice as the reader of our files: answers as they were given, and nothing runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import pytest

from exports.formulas import restore_text
from tests.conftest import leave_out
from tests.helpers.installations import Installation
from tests.helpers.libreoffice import AS_EXCEL, AS_TEXT, has_libreoffice, read_books
from tests.helpers.slips import house

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1;1)", '=HYPERLINK("http://x";"y")', "=cmd|' /C calc'!A0", " =1",
    "\t=1", "\r=1", "\n=1", "\xa0=1", "\u200b=1", "\u2060=1", "\u202e=1", "\xad=1", "\u3164=1",
    "\u2800=1", "\ufeff=1", "＝1+1", "＋1+1", "＠SUM(1)", "'=1+1", '"=1+1"', "--1", "- bò",
]  # fmt: skip
TEXTS = [
    "Nguyễn Thị Hoà", "Nguye\u0302\u0303n", "😀 👩‍👧", 'Nói "có"', "'", "''", "a;b,c\td",
    "dòng 1\ndòng 2", "hai  dấu cách", " đầu và cuối ", "1 người", "#N/A", "http://x.vn/?a=1&b=<2>",
]  # fmt: skip
# Text whose look is a number's, a date's or a truth's: a CSV cannot say that it is none.
CODES = ["007", "00", "+84912345678", "034098012345678901", "1e5", "1/2", "12:30", "TRUE"]
SIZES = {"4": 4, "-5": -5, "0": 0, "007": "007", "1234567890123456": "1234567890123456"}
DAYS = {"2026-11-24": datetime(2026, 11, 24), "1946-01-02": datetime(1946, 1, 2)}


class Slip(NamedTuple):
    """What is answered in one house; its child has the head's name."""

    head: str
    size: str
    day: str


SLIPS = [
    Slip(head, list(SIZES)[number % len(SIZES)], list(DAYS)[number % len(DAYS)])
    for number, head in enumerate([*FORMULAS, *TEXTS, *CODES])
]


def written(number: int, slip: Slip) -> bytes:
    """The instance as Collect writes it: a carriage return as a reference, or it would be lost."""
    xml = house(f"uuid:{number:03}", head="HEAD", children=(("HEAD", "1", ""),)).decode()
    xml = xml.replace("HEAD", escape(slip.head).replace("\r", "&#13;"))
    return xml.replace("<size>4", f"<size>{slip.size}").replace("2026-11-20", slip.day).encode()


@pytest.fixture
def exported(submit, installation: Installation, tmp_path: Path) -> Path:
    """A folder with `csv/houses.csv`, `csv/houses-child.csv` and `xlsx/houses.xlsx`."""
    if not has_libreoffice():
        leave_out("LibreOffice (soffice) is missing")
    statuses = {submit(written(*pair)).status_code for pair in enumerate(SLIPS)}
    assert statuses == {201}
    out = tmp_path / "out"
    for format_ in ("csv", "xlsx"):
        installation.run("exports", "write", "houses", "--out", out / format_, "--format", format_)
    return out


def columns(rows, *names: str) -> list[tuple]:
    headings = [cell.value for cell in rows[0]]
    places = [headings.index(name) for name in names]
    return [tuple(row[place].value for place in places) for row in rows[1:]]


def list_formulas(sheets) -> list[str]:
    cells = (cell for rows in sheets.values() for row in rows for cell in row)
    return [cell.value for cell in cells if cell.data_type == "f"]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_libreoffice_finds_every_answer_of_a_workbook_and_no_formula(exported, tmp_path):
    book = read_books([exported / "xlsx" / "houses.xlsx"], tmp_path)["houses"]

    assert columns(book["houses"], "head", "g-size", "day") == [
        (slip.head, SIZES[slip.size], DAYS[slip.day]) for slip in SLIPS
    ]
    assert columns(book["child"], "name") == [(slip.head,) for slip in SLIPS]
    assert list_formulas(book) == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_libreoffice_finds_every_answer_of_a_csv_and_no_formula(exported, tmp_path):
    paths = [exported / "csv" / name for name in ("houses.csv", "houses-child.csv")]
    trap = exported / "trap.csv"
    trap.write_text("a\r\n=1+1\r\n", encoding="utf-8-sig")

    as_text = read_books(paths, tmp_path / "text", AS_TEXT)
    as_excel = read_books([*paths, trap], tmp_path / "excel", AS_EXCEL)

    texts = columns(as_text["houses"]["houses"], "head", "g-size", "day")
    assert [(restore_text(h), s, d) for h, s, d in texts] == [line_ends(slip) for slip in SLIPS]
    names = columns(as_text["houses-child"]["houses-child"], "name")
    assert [restore_text(name) for (name,) in names] == [line_ends(slip)[0] for slip in SLIPS]
    plain = len(SLIPS) - len(CODES)
    judged = columns(as_excel["houses"]["houses"], "head", "day")[:plain]
    assert [(restore_text(head), day) for head, day in judged] == [
        (line_ends(slip)[0], DAYS[slip.day]) for slip in SLIPS[:plain]
    ]
    assert list_formulas(as_excel["trap"]) == ["=1+1"]
    assert [f for path in paths for f in list_formulas(as_excel[path.stem])] == []


def line_ends(slip: Slip) -> tuple[str, str, str]:
    """LibreOffice takes a lone carriage return in a CSV for a line end."""
    return slip.head.replace("\r", "\n"), slip.size, slip.day
