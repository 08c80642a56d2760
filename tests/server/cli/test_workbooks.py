"""`phieu exports workbook`: every submission once, in the commune where it counts."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from server.actions.assigning import Duty
from server.db import db, transaction
from server.models import Submission
from tests.helpers.duties import PASSWORD, hashed, person
from tests.helpers.libreoffice import has_libreoffice, read_books, read_printed_sizes
from tests.helpers.slips import CHILD_SITUATION, house

sqlite_only = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
FORM_FILES = CHILD_SITUATION.parent / "media"
KEY = "Mã dòng (KEY)"


def rows(workbook: Path, sheet: str) -> list[dict]:
    heading, *cells = openpyxl.load_workbook(workbook)[sheet].iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in cells]


def total(folder: Path) -> tuple[list[dict], dict]:
    *communes, whole = rows(folder / "tong-hop.xlsx", "Tổng hợp")
    return communes, whole


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


@pytest.fixture
def houses(app, submit):
    """Four slips: two reported before the merger, one that names no commune there is."""
    for name, commune in [("a", "12472"), ("b", "13225"), ("c", "12322"), ("d", "99999")]:
        assert submit(house(f"uuid:{name}", commune=commune)).status_code == 201
    with transaction():
        query = db.select(Submission).where(Submission.instance_id == "uuid:c")
        moved = db.session.scalars(query).one()
        moved.commune_code, moved.edition = "12505", "vn-2025-01"


@pytest.fixture
def book(installation, tmp_path):
    def write(*options: str, out: str = "out", **more):
        place = tmp_path / out
        command = ("exports", "workbook", *options, "--out", place)
        return place, installation.run(*command, stderr_too=True, **more)

    return write


@pytest.mark.parametrize(
    ("edition", "files"),
    [
        ("as-reported", ["12472-xa-quynh-phu", "12505-xa-quynh-hong-vn-2025-01",
                         "13225-phuong-thai-binh", "khong-xac-dinh"]),
        ("current", ["12472-xa-quynh-phu", "13225-phuong-thai-binh", "khong-xac-dinh"]),
    ],
)  # fmt: skip
def test_every_submission_and_child_is_in_one_workbook_and_in_the_total(
    houses, installation, book, tmp_path, edition, files
):
    out, _ = book("houses", "--edition", edition)
    installation.run("exports", "write", "houses", "--out", tmp_path / "csv")
    names = ("houses", "houses-child")
    submissions, children = (read(tmp_path / "csv" / f"{name}.csv") for name in names)

    books = {path.stem: path for path in out.glob("*.xlsx") if path.stem != "tong-hop"}
    assert sorted(books) == files
    for sheet, expected in (("Nhà ở", submissions), ("Trẻ em", children)):
        found = [row[KEY] for path in books.values() for row in rows(path, sheet)]
        assert sorted(found) == sorted(row["KEY"] for row in expected)
    communes, whole = total(out)
    assert sum(row["Số phiếu"] for row in communes) == whole["Số phiếu"] == len(submissions)
    assert "Số trẻ em ghi trong phiếu" not in whole  # a repeat of a form that nobody knows
    index = read(out / "_index.csv")
    assert [row["path"] for row in index] == [row["Tệp"] for row in communes]
    assert sum(int(row["submissions"]) for row in index) == len(submissions)


@sqlite_only
def test_one_commune_is_one_file_and_the_same_twice(houses, book):
    first, _ = book("houses", "--unit", "12472", out="a.xlsx")
    second, _ = book("houses", "--unit", "12472", out="b.xlsx")

    assert first.read_bytes() == second.read_bytes()
    assert [row[KEY] for row in rows(first, "Nhà ở")] == ["uuid:a"]


@sqlite_only
def test_a_commune_from_which_nothing_came_has_a_workbook_that_says_so(houses, book):
    out, _ = book("houses", "--unit", "11983", out="none.xlsx")
    said = [row[0].value for row in openpyxl.load_workbook(out)["Bìa"].iter_rows()]

    assert "CHƯA CÓ PHIẾU NÀO trong phạm vi này." in said


@sqlite_only
def test_a_province_has_a_workbook_for_each_of_its_communes(houses, book):
    out, _ = book("houses", "--unit", "33", out="all.zip")

    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        archive.extractall(out.parent / "all")
    communes, whole = total(out.parent / "all")
    assert len(names) == len(communes) + 2
    assert sum(row["Số phiếu"] for row in communes) == whole["Số phiếu"] == 2
    assert {r["Mã xã"] for r in communes if r["Số phiếu"]} == {"12472", "13225"}


@sqlite_only
@pytest.mark.parametrize(
    "options",
    [
        *(("--out", "x.xlsx"), ("--unit", "33", "--out", "x.xlsx")),
        *(("--out", f"x.{ending}") for ending in ("csv", "pdf", "DOC", "docx", "html", "7z")),
    ],
)
def test_a_file_holds_one_commune(houses, installation, options):
    said = installation.run("exports", "workbook", "houses", *options, status=2)

    assert "give a .zip or a folder" in said.lower()


@sqlite_only
def test_who_works_in_one_commune_gets_that_and_no_other(houses, app, book):
    person("xa@example.vn", Duty("commune_officer", "12472"), password_hash=hashed())
    officer = ("houses", "--as", "xa@example.vn", "--reason", "x")

    _, refused = book(*officer, "--unit", "13225", out="no.xlsx", input=PASSWORD, status=1)
    out, _ = book(*officer, "--unit", "33", out="own", input=PASSWORD)

    assert "not allowed" in refused.lower()
    assert not (out.parent / "no.xlsx").exists()
    names = sorted(path.name for path in out.glob("*.xlsx"))
    assert names == ["12472-xa-quynh-phu.xlsx", "tong-hop.xlsx"]


@sqlite_only
def test_what_is_missing_is_in_it(app, submit, book):
    xml = house("uuid:e", children=(("Bình", "1", "giay.pdf"),))
    assert submit(xml, is_incomplete=True).status_code == 201

    out, _ = book("houses", "--unit", "12472", out="x.xlsx")

    missing = [row for row in rows(out, "Cần xem lại") if row["Đã ghi"] == "giay.pdf"]
    assert [row[KEY] for row in missing] == ["uuid:e"]


@sqlite_only
@pytest.mark.parametrize("edition", ["as-reported", "current"])
def test_the_shipped_form_has_all_households_children_and_findings(
    app, installation, book, tmp_path, edition
):
    """Also what stands first in its sheets: the names of its fields are those of the plan."""
    installation.run("demo", "--submissions", "60")
    installation.run("exports", "write", "child_situation", "--out", tmp_path / "csv")
    csvs = ("child_situation", "child_situation-rep_child")
    households, children = (read(tmp_path / "csv" / f"{name}.csv") for name in csvs)

    out, told = book("child_situation", "--edition", edition)

    books = [path for path in out.glob("*.xlsx") if path.stem != "tong-hop"]
    for sheet, expected in (("Hộ gia đình", households), ("Trẻ em", children)):
        found = [row for path in books for row in rows(path, sheet)]
        assert sorted(row[KEY] for row in found) == sorted(row["KEY"] for row in expected)
    ages = {row[KEY]: str(row["Tuổi tròn tại ngày điều tra"]) for row in found}
    assert ages == {row["KEY"]: row["g_id-age_years"] for row in children}
    communes, whole = total(out)
    assert whole["Số phiếu"] == len(households)
    assert whole["Số trẻ em ghi trong phiếu"] == len(children)
    assert whole["Số việc cần xem lại"] == sum(row["Số việc cần xem lại"] for row in communes)
    noted = [row for path in books for row in rows(path, "Cần xem lại") if row[KEY]]
    assert len(noted) == whole["Số việc cần xem lại"] > 0
    assert not [row for row in noted if "không còn trong biểu mẫu" in row["Việc cần xem lại"]]
    index = read(out / "_index.csv")
    for name, heading in (
        ("submissions", "Số phiếu"),
        ("children", "Số trẻ em ghi trong phiếu"),
        ("findings", "Số việc cần xem lại"),
        ("flagged", "Số phiếu có việc cần xem lại"),
    ):
        assert [int(row[name]) for row in index] == [row[heading] for row in communes]
    assert {row["due"] for row in index} == {""}
    assert "--as EMAIL --reason" in told
    assert {row["Số việc đến hạn"] for row in communes} == {"…"}  # an operator may not see it
    [sheet, *_] = [openpyxl.load_workbook(path)["Trẻ em"] for path in books]
    assert [cell.value for cell in sheet[1]][:3] == ["STT", "Thôn", "Họ và tên trẻ (đủ dấu)"]
    assert sheet.print_area.startswith("'Trẻ em'!$A$1:$L$")


@sqlite_only
@pytest.mark.parametrize("is_imported", [False, True])
def test_the_cover_names_villages_that_are_missing(app, installation, book, is_imported):
    """By the list of the form, where nobody has imported villages."""
    installation.run("demo", "--submissions", "20")
    if is_imported:
        installation.run("units", "import", FORM_FILES / "villages.csv")

    out, _ = book("child_situation", "--unit", "12472", out="all.xlsx")
    none, _ = book("child_situation", "--unit", "12472", "--from", "2090-01-01", out="none.xlsx")

    villages = {
        row["label"] for row in read(FORM_FILES / "villages.csv") if row["commune_code"] == "12472"
    }
    for path in (out, none):
        cover = {row[0]: row[1] for row in openpyxl.load_workbook(path)["Bìa"].values}
        assert cover["Số thôn có phiếu"].endswith(f" trên {len(villages)} thôn")
        assert villages <= cover.keys()
    assert {cover[village] for village in villages} == {0}
    assert {row["Thôn"] for row in rows(out, "Hộ gia đình")} <= villages


@sqlite_only
@pytest.mark.skipif(not has_libreoffice(), reason="LibreOffice is not installed")
def test_it_can_be_read_on_paper(app, installation, book, tmp_path):
    installation.run("demo", "--submissions", "20")
    out, _ = book("child_situation")

    biggest = max(out.glob("1*.xlsx"), key=lambda path: path.stat().st_size)
    for path in (biggest, out / "tong-hop.xlsx"):
        assert min(read_printed_sizes(path, tmp_path)) >= 8


@sqlite_only
@pytest.mark.skipif(not has_libreoffice(), reason="LibreOffice is not installed")
def test_libreoffice_reads_the_same(houses, book, tmp_path):
    out, _ = book("houses", "--unit", "12472", out="x.xlsx")

    read_by_it = read_books([out], tmp_path)["x"]
    ours = openpyxl.load_workbook(out)

    assert list(read_by_it) == ours.sheetnames
    for sheet in ours:
        cells = [[cell.value for cell in row] for row in read_by_it[sheet.title]]
        known = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert [row[: len(known[0])] for row in cells][: len(known)] == known


@sqlite_only
def test_entities_are_called_as_the_register_has_them(app, installation, book):
    """Cases by their codes, children by name and year: slips have their ids."""
    installation.run("demo", "--submissions", "60")
    duties = [Duty("commune_officer", commune) for commune in ("12322", "12472", "13225")]
    person("xa@example.vn", *duties, password_hash=hashed())
    asks = ("--as", "xa@example.vn", "--reason", "rà soát")

    out, _ = book("case_followup", *asks, input=PASSWORD)

    books = list(out.glob("1*.xlsx"))
    sheets = {path: openpyxl.load_workbook(path).sheetnames[1] for path in books}
    followed = [row for path, sheet in sheets.items() for row in rows(path, sheet)]
    cases, children = ({row[name] for row in followed} - {None} for name in ("Mã ca", "Trẻ"))
    assert cases | children
    assert all(re.fullmatch(r"[0-9]{4}-[0-9a-f]{6}", name) for name in cases)
    assert all(re.fullmatch(r"\D+ \([0-9]{4}\)", name) for name in children)
    due = [row for path in books for row in rows(path, "Đến hạn") if row["Hạn"]]
    assert due
    assert {row["Danh sách"] for row in due} <= {"Trẻ em", "Hồ sơ"}
    assert all(row["Thôn"] for row in due if row["Danh sách"] == "Trẻ em")
