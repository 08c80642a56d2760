"""What a sheet or a cell cannot hold is elsewhere whole, and the workbook says where."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from exports.formulas import restore_text
from exports.tables import Column, TableHead
from exports.writers import xlsx, xlsx_sheets
from tests.helpers.datasets import Rows

CODES = {"1": "Có", "2": "Không"}
FORM = TableHead(
    "",
    (
        Column("Giới tính", name="sex", label="Giới tính là gì?", codes=CODES, path="/g/sex"),
        Column("n", "int", path="/n"),
        Column("KEY"),
    ),
)
CHILD = TableHead("child", (Column("x", path="/child/x"), Column("PARENT_KEY"), Column("KEY")))
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def write(folder: Path, dataset: Rows) -> dict[str, list[list]]:
    """The rows of every sheet, by its name."""
    path = xlsx.write(dataset, folder)[0]
    require_in_order(path)
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def require_in_order(path: Path) -> None:
    """Every sheet is XML with rows and cells in ascending order, and says how far they go."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if "worksheets" in name]
        sheets = [ElementTree.fromstring(archive.read(name)) for name in names]
    for sheet in sheets:
        rows = [int(row.attrib["r"]) for row in sheet.iter(f"{SPACE}row")]
        assert rows == list(range(1, len(rows) + 1))
        dimension = sheet.find(f"{SPACE}dimension")
        assert dimension is not None
        assert dimension.attrib["ref"].endswith(str(len(rows)))
        for row in sheet.iter(f"{SPACE}row"):
            places = [cell.attrib["r"].removesuffix(row.attrib["r"]) for cell in row]
            assert places == sorted(places, key=lambda letters: (len(letters), letters))
            assert all(letters.isalpha() for letters in places)


def form_rows(count: int) -> list[tuple[str, str, str]]:
    return [("1", str(i), f"uuid:{i}") for i in range(count)]


def test_the_sheets_about_and_dictionary_come_last_in_the_language(tmp_path):
    dataset = Rows([FORM, CHILD], form_rows(2), [], language="en")
    sheets = write(tmp_path, dataset)

    assert list(sheets) == ["f", "child", "About", "Dictionary"]
    assert sheets["About"] == [
        ["Item", "Content", "Rows", "Note"],
        ["Form", "F", "", ""],
        ["Form id", "f", "", ""],
        ["Language", "English", "", ""],
        ["Sheet", "f", 2, ""],
        ["Sheet", "child", 0, "There are no rows."],
    ]
    assert sheets["Dictionary"] == [
        ["Sheet", "Column", "Field", "Path", "Type", "Label", "Code", "Label of the code"],
        ["f", "Giới tính", "sex", "/g/sex", "one of the codes (select_one)", "Giới tính là gì?", "",
         ""],
        ["f", "Giới tính", "sex", "/g/sex", "", "", "1", "Có"],
        ["f", "Giới tính", "sex", "/g/sex", "", "", "2", "Không"],
        ["f", "n", "n", "/n", "whole number (int)", "", "", ""],
        ["f", "KEY", "KEY", "", "text (string)", "", "", ""],
        ["child", "x", "x", "/child/x", "text (string)", "", "", ""],
        ["child", "PARENT_KEY", "PARENT_KEY", "", "text (string)", "", "", ""],
        ["child", "KEY", "KEY", "", "text (string)", "", "", ""],
    ]  # fmt: skip


def test_a_table_too_long_goes_on_in_further_sheets(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_sheets, "MAX_ROWS", 20)
    sheets = write(tmp_path, Rows([FORM, CHILD], form_rows(45), []))

    assert list(sheets)[:4] == ["f", "f~2", "f~3", "child"]
    parts = [sheets[name] for name in ("f", "f~2", "f~3")]
    assert [len(part) for part in parts] == [20, 20, 8]
    assert {tuple(part[0]) for part in parts} == {("Giới tính", "n", "KEY")}
    assert [row[1] for part in parts for row in part[1:]] == list(range(45))
    note = "Tiếp trang f: một trang tính có nhiều nhất 1.048.576 dòng."
    assert ["Trang tính", "f~3", 7, note] in sheets["Giới thiệu"]
    assert "f~2" not in {row[0] for row in sheets["Từ điển"]}


def test_a_table_too_wide_goes_on_beside_with_its_keys(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_sheets, "MAX_COLUMNS", 4)
    answers = tuple(Column(f"x{i}", path=f"/child/x{i}") for i in range(5))
    child = TableHead("child", (*answers, Column("PARENT_KEY"), Column("KEY")))
    rows = [(*(f"{row}{i}" for i in range(5)), "p", f"k{row}") for row in "ab"]
    sheets = write(tmp_path, Rows([FORM, child], form_rows(1), rows))

    assert [sheets[name] for name in ("child", "child~2", "child~3")] == [
        [["PARENT_KEY", "KEY", "x0", "x1"], ["p", "ka", "a0", "a1"], ["p", "kb", "b0", "b1"]],
        [["PARENT_KEY", "KEY", "x2", "x3"], ["p", "ka", "a2", "a3"], ["p", "kb", "b2", "b3"]],
        [["PARENT_KEY", "KEY", "x4"], ["p", "ka", "a4"], ["p", "kb", "b4"]],
    ]
    [note] = [row[3] for row in sheets["Giới thiệu"] if row[1] == "child~3"]
    assert note.startswith("Các cột còn lại của trang child:")
    assert ["child~3", "x4", "x4", "/child/x4"] in [row[:4] for row in sheets["Từ điển"]]


def test_a_sheet_has_as_many_columns_as_excel_allows(tmp_path):
    columns = tuple(Column(f"x{i}", path=f"/x{i}") for i in range(16_384))
    row = [str(i) for i in range(len(columns))]
    sheets = write(tmp_path, Rows([TableHead("", (*columns, Column("KEY")))], [(*row, "k")]))

    assert [len(sheets[name][0]) for name in ("f", "f~2")] == [16_384, 2]
    assert sheets["f"][1] == ["k", *row[:-1]]
    assert sheets["f~2"][1] == ["k", row[-1]]


def test_names_of_further_sheets_and_of_tables_do_not_clash(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_sheets, "MAX_ROWS", 2)
    heads = [FORM, TableHead("f~2", CHILD.columns), TableHead("Từ điển", CHILD.columns)]
    sheets = write(tmp_path, Rows(heads, form_rows(2), [("x", "p", "k")], [("y", "p", "k")]))

    assert list(sheets)[:4] == ["f", "f~3", "f~2", "Từ điển"]
    assert sheets["f~2"][1] == ["x", "p", "k"]
    assert sheets["Từ điển"][1] == ["y", "p", "k"]


@pytest.mark.parametrize(("language", "words"), [("vi", "toàn văn ở tệp"), ("en", "whole text")])
def test_a_text_longer_than_a_cell_is_whole_in_a_file_beside(tmp_path, language, words):
    long, fits = "=" + "😀" * 16_384, "é" * 32_767
    rows = [(long, "1", "uuid:1"), (fits, "2", "uuid:2"), (None, "9" * 40_000, "uuid:3")]
    children = [("c" * 32_768, "uuid:1", "uuid:1/child[1]")]
    dataset = Rows([FORM, CHILD], rows, children, language=language)

    paths = xlsx.write(dataset, tmp_path)

    assert [path.name for path in paths] == ["f.xlsx", "f-long-texts.csv"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    sheets = write(tmp_path, dataset)
    cell = sheets["f"][1][0]
    assert len(cell.encode("utf-16-le")) // 2 in (32_766, 32_767)
    assert cell.startswith(long[:16_000])
    assert words in cell
    assert cell.endswith("uuid:1, cột sex]" if language == "vi" else "uuid:1, column sex]")
    assert sheets["f"][2][0] == fits
    assert any("…-long-texts.csv" in row and 3 in row for row in list(sheets.values())[2])
    csv.field_size_limit(1 << 20)
    with paths[1].open(encoding="utf-8-sig", newline="") as file:
        header, *kept = csv.reader(file)
    assert header == ["table", "KEY", "column", "text"]
    assert [[*map(restore_text, row)] for row in kept] == [
        ["f", "uuid:1", "sex", long],
        ["f", "uuid:3", "n", "9" * 40_000],
        ["child", "uuid:1/child[1]", "x", "c" * 32_768],
    ]


@pytest.mark.parametrize("at_once", [12_000_000, 5_000])
def test_batches_make_no_difference_to_the_bytes(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(xlsx_sheets, "_BYTES_AT_ONCE", at_once)
    rows = [(text, str(i), f"uuid:{i}") for i, text in enumerate(["a", "<", "z" * 40_000] * 40)]
    children = [("x", "uuid:1", f"uuid:1/{i}") for i in range(90)]
    written = []
    for batch in (1, 7, 1_000):
        folder = tmp_path / str(batch)
        folder.mkdir()
        paths = xlsx.write(Rows([FORM, CHILD], rows, children, at_once=batch), folder)
        written.append([path.read_bytes() for path in paths])

    assert written[0] == written[1] == written[2]
