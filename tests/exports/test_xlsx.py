"""What people see in a workbook: numbers that add up, moments, headings in their language."""

from __future__ import annotations

from datetime import datetime, time

import openpyxl
import pytest

from exports.options import Options
from exports.shapes import Shape
from exports.writers import xlsx
from forms.workbooks import compile_workbook
from tests.helpers.datasets import Instances

FORM = compile_workbook(
    """
    | survey |
    | | type | name | label::Tiếng Việt (vi) | label::English (en) |
    | | start | start | | |
    | | decimal | d | Số đo | Measure |
    | | integer | i | Số | Number |
    | | dateTime | at | Lúc | Moment |
    | | time | t | Giờ | Hour |
    | | date | day | Ngày | Day |
    | | geopoint | gps | Toạ độ | Position |
    | | note | n | Nhắc **nhở** | Remember |
    | | text | long | Một câu hỏi dài mà câu trả lời chỉ là một từ ngắn thôi | A long question |
    | | begin_repeat | r | Trẻ em | Children |
    | | text | x | Tên | Name |
    | | note | m | Nhắc | Remember |
    | | end_repeat | | | |
    | settings |
    | | form_id | form_title | version | default_language |
    | | f | F | 1 | Tiếng Việt (vi) |
    """.encode(),
    file_type=".md",
)


def instance(number: int = 0, **answers: str) -> bytes:
    cells = "".join(f"<{name}>{text}</{name}>" for name, text in answers.items())
    meta = f"<meta><instanceID>uuid:{number}</instanceID></meta>"
    return f'<data id="f" version="1">{cells}{meta}</data>'.encode()


def write(tmp_path, *instances: bytes, language: str | None = None):
    [path] = xlsx.write(Instances(instances, [FORM], language), tmp_path)
    return openpyxl.load_workbook(path)


def column(sheet, heading: str) -> list:
    [cells] = [cells for cells in sheet.iter_cols() if cells[0].value == heading]
    return list(cells[1:])


@pytest.mark.parametrize(
    "text",
    ["3.0", "10.50", "0.00", "20.5000000", "106.2148192000", "20.123456789012", "-5", "0.1",
     "123456789012345", "12345.6789012345", "-0.0000000001"],
)  # fmt: skip
def test_what_a_double_holds_is_a_number(tmp_path, text):
    [cell] = column(write(tmp_path, instance(d=text))["f"], "d")

    assert (cell.data_type, cell.value) == ("n", float(text))


@pytest.mark.parametrize(
    "text", ["007", "+5", "1234567890123456", "0.1234567890123456", "1e5", "5.", ".5", "٣", "12 ",
             "0." + "0" * 330 + "1"],
)  # fmt: skip
def test_what_a_double_would_change_stays_text(tmp_path, text):
    sheet = write(tmp_path, instance(d=text, i=text))["f"]

    assert [column(sheet, name)[0].value for name in ("d", "i")] == [text, text]
    assert {column(sheet, name)[0].data_type for name in ("d", "i")} == {"s"}


def test_a_column_of_positions_can_be_averaged(tmp_path):
    sent = ["20.70 106.3 0 4.0", "20.1234567891 106.0 5.10 4.5"]
    sheet = write(tmp_path, *(instance(i, gps=gps) for i, gps in enumerate(sent)))["f"]

    for part in ("Latitude", "Longitude", "Altitude", "Accuracy"):
        assert {cell.data_type for cell in column(sheet, f"gps-{part}")} == {"n"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T10:00:00.250+07:00", datetime(2026, 11, 24, 10, 0, 0, 250_000)),
        ("2026-11-24T23:30:00.000Z", datetime(2026, 11, 25, 6, 30)),
        ("2026-11-24T10:00:00.000+09", datetime(2026, 11, 24, 8)),
        ("2026-11-24T10:00:00", datetime(2026, 11, 24, 10)),
        ("2026-11-24T10:00", datetime(2026, 11, 24, 10)),
        ("2026-11-24T10:00-0330", datetime(2026, 11, 24, 20, 30)),
        ("2999-12-31T23:59:59.999+07:00", datetime(2999, 12, 31, 23, 59, 59, 999_000)),
        ("2026-11-24T10:00:60+07:00", None),
        ("2026-11-24T10:00:00+24:00", None),
        ("2026-11-24T10:00:00.123456+07:00", None),
        ("2026-11-24T25:00:00+07:00", None),
        ("2026-02-30T10:00:00+07:00", None),
        ("2026-11-24", None),
        ("1875-11-24T10:00:00+07:00", None),
    ],
)
def test_a_moment_is_one_in_the_installations_zone(tmp_path, text, moment):
    [cell] = column(write(tmp_path, instance(at=text))["f"], "at")

    assert cell.value == (moment or text)
    assert cell.is_date == (moment is not None)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("07:30", time(7, 30)),
        ("07:30+07:00", time(7, 30)),
        ("23:59:59.999Z", time(23, 59, 59, 999_000)),
        ("24:00:00", None),
        ("07:30:00.0001", None),
        ("7:30", None),
    ],
)
def test_a_time_of_day_is_the_clock_that_was_read(tmp_path, text, clock):
    [cell] = column(write(tmp_path, instance(t=text))["f"], "t")

    assert cell.value == (clock or text)


def test_every_time_is_a_cell_of_its_kind_and_wide_enough(tmp_path):
    sent = instance(start="2026-11-24T09:00:00.000+07:00", t="07:30:00.000+07:00", day="2026-11-24")
    sheet = write(tmp_path, sent)["f"]

    assert column(sheet, "SubmissionDate")[0].value == datetime(2026, 11, 24, 10)
    assert column(sheet, "start")[0].value == datetime(2026, 11, 24, 9)
    assert column(sheet, "t")[0].value == time(7, 30)
    assert column(sheet, "day")[0].value == datetime(2026, 11, 24)
    widths = {cells[0].value: width(sheet, cells[0]) for cells in sheet.iter_cols()}
    assert min(widths["SubmissionDate"], widths["start"]) >= 19
    assert widths["KEY"] >= len("uuid:0")


def width(sheet, cell) -> float:
    """The width of a cell's column: openpyxl names a run of equal ones by its first."""
    runs = sheet.column_dimensions.values()
    return next(run.width for run in runs if run.min <= cell.column <= run.max)


def test_a_long_heading_over_short_answers_wraps_and_a_long_answer_widens(tmp_path):
    short, long = write(tmp_path, instance(long="Có"), language="vi")["f"], "x" * 40
    narrow = width(short, column(short, FORM_LONG)[0])
    wide = write(tmp_path, instance(long=long), language="vi")["f"]

    assert narrow < 25
    assert width(wide, column(wide, FORM_LONG)[0]) >= 40


FORM_LONG = "Một câu hỏi dài mà câu trả lời chỉ là một từ ngắn thôi"


@pytest.mark.parametrize(
    ("language", "headings", "state"),
    [
        (
            "vi",
            ["Thời điểm nhận", "Bắt đầu điền", "Số đo", "Toạ độ (vĩ độ)", "Tình trạng duyệt",
             "Mã phiếu (instanceID)", "Mã xã/phường báo cáo", "Xã/phường báo cáo"],
            "Đã nhận",
        ),
        (
            "en",
            ["Received at", "Started", "Measure", "Position (latitude)", "Review state",
             "Slip (instanceID)", "Code of the reporting commune", "Reporting commune"],
            "Received",
        ),
    ],
)  # fmt: skip
def test_with_labels_every_column_is_headed_in_the_language(tmp_path, language, headings, state):
    book = write(tmp_path, instance(), language=language)
    found = [cell.value for cell in book["f"][1]]

    assert set(headings) <= set(found)
    assert not {"label", "instanceID", "ReviewState", "SubmissionDate", "commune"} & set(found)
    assert column(book["f"], headings[4])[0].value == state
    assert column(book["f"], headings[6])[0].value == "12472"


def test_notes_have_no_column_with_labels_and_one_without(tmp_path):
    plain = write(tmp_path, instance())
    labelled = write(tmp_path, instance(), language="vi")

    assert {"n", "m"} <= {cell.value for sheet in plain for cell in sheet[1]}
    assert not [c.value for sheet in labelled for c in sheet[1] if c.value.startswith("Nhắc")]
    assert [c.value for c in labelled["r"][1]] == [
        "Tên", "Mã dòng cấp trên (PARENT_KEY)", "Mã dòng (KEY)"
    ]  # fmt: skip


def test_an_entitys_label_is_headed_by_what_it_is_of():
    form = compile_workbook(
        """
        | survey |
        | | type | name | label::Tiếng Việt (vi) | label::English (en) | save_to |
        | | begin_repeat | child | Trẻ em | Children | |
        | | text | x | Tên | Name | name_vi |
        | | end_repeat | | | | |
        | entities |
        | | list_name | label |
        | | child | ${x} |
        | settings |
        | | form_id | form_title | version | default_language |
        | | f | F | 1 | Tiếng Việt (vi) |
        """.encode(),
        file_type=".md",
    )

    headings = [c.heading for c in Shape({1: form}, Options(language="vi")).heads[1].columns]

    assert headings[:2] == ["Tên", "Trẻ em: tên trong danh sách"]


def test_every_sheet_has_a_frozen_header_and_a_filter_over_all_its_rows(tmp_path):
    book = write(tmp_path, instance(1), instance(2))

    assert [sheet.title for sheet in book] == ["f", "r", "Giới thiệu", "Từ điển"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.dimensions.startswith("A1:")
    assert (book["f"].max_row, book["r"].max_row) == (3, 1)
    assert book.properties.title == "F"
    assert book.properties.created == book.properties.modified == datetime(2000, 1, 1)
