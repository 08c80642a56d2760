"""The commune workbook as an independent reader sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import openpyxl
import pytest

from exports.labels import repeat_labels
from exports.workbooks.contents import Commune, CommuneBook, Due, Noted
from exports.workbooks.writing import write_workbook
from forms.checking import Severity
from forms.workbooks import compile_workbook
from tests.helpers.datasets import Instances

FORM = compile_workbook(
    """
    | survey |
    | | type | name | label::Tiếng Việt (vi) | label::English (en) | calculation |
    | | start | start | | | |
    | | date | survey_date | Ngày điều tra | Day | |
    | | text | village_code | Thôn/tổ | Village | |
    | | text | hh_head_name | Họ tên chủ hộ | Head | |
    | | text | hh_phone | Điện thoại | Phone | |
    | | integer | hh_size | Số người | Persons | |
    | | integer | hh_head_birth_year | Năm sinh chủ hộ | Born | |
    | | begin_repeat | rep_child | Trẻ | Child | |
    | | text | child_name | Họ tên trẻ | Name | |
    | | date | child_dob | Ngày sinh | Born | |
    | | integer | child_birth_year | Năm sinh | Year | |
    | | integer | child_birth_month | Tháng sinh | Month | |
    | | calculate | child_dob_eff | | | 1 |
    | | calculate | ch_last | | | 1 |
    | | end_repeat | | | | |
    | settings |
    | | form_id | form_title | version | default_language |
    | | child_situation | Phiếu trẻ em | 1 | Tiếng Việt (vi) |
    """.encode(),
    file_type=".md",
)
ASKED = frozenset(field.path for field in FORM.fields() if field.control)
COMMUNE = Commune("12472", "Xã Quỳnh Phụ", "vn-2025-07", "Tỉnh Hưng Yên")


class Slips(Instances):
    name = "child_situation"
    title = "Phiếu trẻ em"


def child(
    name: str, born: str = "2016-02-29", day: str = "", year: str = "", month: str = ""
) -> str:
    return (
        f"<rep_child><child_name>{name}</child_name><child_dob>{day}</child_dob>"
        f"<child_birth_year>{year}</child_birth_year><child_birth_month>{month}</child_birth_month>"
        f"<child_dob_eff>{born}</child_dob_eff><ch_last>2026-02-28</ch_last></rep_child>"
    )


def slip(number: int, village: str, head: str, *children: str) -> bytes:
    return (
        f'<data id="child_situation" version="1"><survey_date>2026-02-28</survey_date>'
        f"<village_code>{village}</village_code><hh_head_name>{head}</hh_head_name>"
        f"<hh_phone>0912345678</hh_phone><hh_size>1200</hh_size>"
        f"<hh_head_birth_year>1985</hh_head_birth_year>{''.join(children)}"
        f"<meta><instanceID>uuid:{number}</instanceID></meta></data>"
    ).encode()


SLIPS = [
    slip(1, "b", "Lê Thị Ánh", child("Lê Văn Hạ", day="2016-02-29"), child("Lê Thị Hà")),
    slip(2, "a", "Phạm Đức Anh", child("Phạm Ngân", year="2015", month="8"), child("Phạm Đa")),
    slip(3, "b", "Trần Văn An", child("Trần Da", year="2014")),
]


@pytest.fixture
def book():
    return CommuneBook(
        dataset=Slips(SLIPS, [FORM], "vi"),
        commune=COMMUNE,
        asked=ASKED,
        villages={"a": "Thôn 10", "b": "Thôn 2", "c": "Thôn Xa"},
        village_of={"uuid:1": "b", "uuid:2": "a", "uuid:3": "b"},
        due=[],
        changed_at=datetime(2026, 11, 24, 3, 0, 5, tzinfo=UTC),
    )


@pytest.fixture
def read(tmp_path):
    def write(book: CommuneBook):
        (tmp_path / "out").mkdir(exist_ok=True)
        [path], tally = write_workbook(book, tmp_path / "out")
        return openpyxl.load_workbook(path), tally

    return write


def column(sheet, heading: str) -> list:
    [cells] = [cells for cells in sheet.iter_cols() if cells[0].value == heading]
    return [cell.value for cell in cells[1:]]


def cover(sheet) -> dict:
    return {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}


def test_rows_are_sorted_by_village_then_as_people_are(book, read):
    made, _ = read(book)

    assert made.sheetnames == [
        "Bìa", "Hộ gia đình", "Trẻ em", "Cần xem lại", "Đến hạn", "Từ điển",
    ]  # fmt: skip
    households, children = made["Hộ gia đình"], made["Trẻ em"]
    assert column(households, "Thôn") == ["Thôn 2", "Thôn 2", "Thôn 10"]
    assert column(households, "Họ tên chủ hộ") == ["Trần Văn An", "Lê Thị Ánh", "Phạm Đức Anh"]
    names = ["Trần Da", "Lê Thị Hà", "Lê Văn Hạ", "Phạm Đa", "Phạm Ngân"]
    assert column(children, "Họ tên trẻ") == names
    assert column(children, "STT") == [1, 2, 3, 4, 5]
    assert column(children, "Chủ hộ")[:2] == ["Trần Văn An", "Lê Thị Ánh"]


def test_ages_are_completed_years_and_days_as_exact_as_known(book, read):
    children = read(book)[0]["Trẻ em"]

    assert column(children, "Tuổi tròn tại ngày điều tra") == [9] * 5
    born = column(children, "Ngày sinh (hoặc tháng, năm)")
    assert born == ["2014", None, datetime(2016, 2, 29), None, "08/2015"]


def test_cells_are_what_they_hold(book, read):
    [_, row, *_] = read(book)[0]["Hộ gia đình"].iter_rows()
    looks = {cell.value: cell.number_format for cell in row}

    assert looks["0912345678"] == "@"
    assert looks[1200] == "#,##0"
    assert looks[1985] == "0"
    assert looks[datetime(2026, 2, 28)] == "dd/mm/yyyy"


def test_a_row_is_no_higher_than_what_is_written_in_it(read, book):
    _, *heights = [d.height for _, d in sorted(read(book)[0]["Hộ gia đình"].row_dimensions.items())]

    assert set(heights) == {15}


def test_what_matters_comes_first_and_is_printed_the_keys_come_last(book, read):
    made, _ = read(book)
    sheet = made["Trẻ em"]
    headings = [cell.value for cell in sheet[1]]

    assert headings[:6] == [
        "STT", "Thôn", "Họ tên trẻ", "Ngày sinh (hoặc tháng, năm)", "Tuổi tròn tại ngày điều tra",
        "Chủ hộ",
    ]  # fmt: skip
    assert headings[-1] == "Mã dòng (KEY)"
    assert sheet.print_area == "'Trẻ em'!$A$1:$F$6"
    for sheet in made:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert "12472" in sheet.oddHeader.left.text
    assert made["Hộ gia đình"].print_title_rows == "$1:$1"


def test_findings_name_the_household_and_the_child_the_gravest_first(book, read):
    noted = [
        Noted("uuid:1", Severity.WARNING, "V07", "Xem lại lớp", "/rep_child[2]/child_dob", "Ngày"),
        Noted("uuid:2", Severity.ERROR, "V01", "Sai xã", value="99999"),
        Noted("uuid:2", Severity.INFORMATION, "V23", "Chữ rời"),
    ]
    made, tally = read(replace(book, noted=noted))
    rows = list(made["Cần xem lại"].iter_rows(min_row=2, values_only=True))

    assert rows == [
        (1, "Lỗi", "Thôn 10", "Phạm Đức Anh", None, "Sai xã", None, "99999", "V01", "uuid:2"),
        (2, "Cần xem", "Thôn 2", "Lê Thị Ánh", "Lê Thị Hà", "Xem lại lớp", "Ngày", None, "V07",
         "uuid:1"),
        (3, "Để biết", "Thôn 10", "Phạm Đức Anh", None, "Chữ rời", None, None, "V23", "uuid:2"),
    ]  # fmt: skip
    assert (tally.findings, tally.flagged) == (3, 2)


def test_what_is_due_comes_in_its_order(book, read):
    def due(day: int, about: str, case: str = "", clock: tuple[int, ...] = (16, 59, 59)) -> Due:
        at = datetime(2026, 12, day, *clock, tzinfo=UTC)
        return Due("Theo dõi", at, about, "Trẻ em", about, case)

    found = [due(9, "Lan"), due(2, "Anh"), due(3, "A 07", "C-07"), due(4, "C-08", "C-08", (1,))]
    made, tally = read(replace(book, due=found))
    sheet = made["Đến hạn"]

    assert column(sheet, "Trẻ / hồ sơ") == ["Anh", "A 07 (C-07)", "C-08", "Lan"]
    assert column(sheet, "Hạn")[0] == datetime(2026, 12, 2)
    assert column(sheet, "Giờ") == [None, None, time(8), None]  # the day's end is no time of day
    assert tally.due == 4
    assert sheet.conditional_formatting


def test_the_cover_counts_and_names_villages_from_which_nothing_came(book, read):
    said = cover(read(book)[0]["Bìa"])

    assert said["Xã/phường"] == "Xã Quỳnh Phụ (12472)"
    assert said["Gồm mọi thay đổi đến"] == "24/11/2026 10:00:05"
    assert (said["Số phiếu"], said["Số trẻ em ghi trong phiếu"]) == (3, 5)
    assert said["Số thôn có phiếu"] == "2 trên 3 thôn"
    assert (said["Thôn 2"], said["Thôn 10"], said["Thôn Xa"]) == (2, 1, 0)


def test_a_commune_without_submissions_says_so(book, read):
    made, tally = read(replace(book, dataset=Slips([], [FORM], "vi"), village_of={}))

    assert "CHƯA CÓ PHIẾU NÀO trong phạm vi này." in cover(made["Bìa"])
    assert made["Hộ gia đình"]["A2"].value == "Không có dòng nào."
    assert tally.submissions == 0


def test_it_speaks_english(book, read):
    dataset = Slips(SLIPS, [FORM], "en")
    dataset.language = "en"
    made, _ = read(replace(book, dataset=dataset))

    assert made.sheetnames == ["Cover", "Households", "Children", "To check", "Due", "Dictionary"]
    assert cover(made["Cover"])["Submissions"] == 3


def test_an_unknown_form_has_its_own_order_and_nothing_due(read):
    form = compile_workbook(
        """
        | survey |
        | | type | name | label |
        | | text | b | B |
        | | text | a | A |
        | | begin_repeat | r | Các **lần** thăm |
        | | text | x | X |
        | | end_repeat | | |
        | settings |
        | | form_id | form_title | version | instance_name |
        | | f | Bìa | 1 | concat('TD ', ${a}) |
        """.encode(),
        file_type=".md",
    )
    meta = "<instanceID>{}</instanceID><instanceName>TD 2026-11-05, 12-1</instanceName>"
    answers = f"<b>1</b><a>2</a><r><x>3</x></r><meta>{meta}</meta>"
    xml = f'<data id="f" version="1">{answers}</data>'
    slips = [xml.format(f"uuid:{n}").encode() for n in (2, 1)]
    dataset = Instances(slips, [form], "vi")
    dataset.title = "Bìa"
    asked = frozenset(field.path for field in form.fields() if field.control)

    repeats = repeat_labels([form], "vi")

    noted = [Noted("uuid:1", Severity.WARNING, "X", "Xem", "/r[1]/x")]
    made, tally = read(CommuneBook(dataset, Commune(), asked, repeats, noted=noted))

    assert made.sheetnames == ["Bìa", "Bìa~2", "Các lần thăm", "Cần xem lại", "Đến hạn", "Từ điển"]
    assert [c.value for c in made["Bìa~2"][1]][:3] == ["STT", "B", "A"]
    assert column(made["Bìa~2"], "Mã dòng (KEY)") == ["uuid:2", "uuid:1"]
    assert column(made["Các lần thăm"], "Phiếu") == ["TD 05/11/2026, 12-1"] * 2
    assert column(made["Cần xem lại"], "Dòng") == ["Các lần thăm 1"]
    assert "không theo dõi" in made["Đến hạn"]["A2"].value
    assert (tally.submissions, tally.children) == (2, None)
    said = cover(made["Bìa"])
    assert said["Số dòng “Các lần thăm”"] == 2
    assert "Số trẻ em ghi trong phiếu" not in said
    words = " ".join(str(cell.value) for row in made["Bìa"].iter_rows() for cell in row)
    assert not any(claim in words for claim in ("Hộ được", "KEY của trẻ", "nhóm"))


def test_the_same_slips_are_the_same_bytes_whatever_the_batches(book, tmp_path):
    written = []
    for at_once in (1, 100):
        folder = tmp_path / str(at_once)
        folder.mkdir()
        dataset = Slips(SLIPS, [FORM], "vi", at_once=at_once)
        [path], _ = write_workbook(replace(book, dataset=dataset), folder)
        written.append(path.read_bytes())

    assert written[0] == written[1]
