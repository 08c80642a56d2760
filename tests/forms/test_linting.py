"""The workbook comes back with its faults coloured and commented; both languages say the same."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest

from forms.errors import WorkbookRefused
from forms.linting.annotating import SUMMARY, annotate
from forms.linting.validate import ask_validate
from forms.workbooks import compile_form
from server.cli import make_program
from tests.conftest import leave_out
from tests.forms.test_mistakes import with_cells
from tests.helpers.libreoffice import has_libreoffice, read_books
from tests.helpers.slips import HOUSES, workbook

FAULTS = {"survey_A3": "số nguyên", "survey_D9": None, "survey_F7": "${tuoi} >> 5"}


def problems(source: bytes):
    try:
        return compile_form(source, filename="f.xlsx").warnings
    except WorkbookRefused as error:
        return tuple(error.problems)


@pytest.fixture
def book():
    source = with_cells(**FAULTS)
    return openpyxl.load_workbook(io.BytesIO(annotate(source, problems(source), "vi")))


def test_faulty_cells_are_coloured_by_severity_and_say_what_to_do(book):
    survey = book["survey"]

    assert survey["A3"].fill.start_color.rgb.endswith("F4B6B0")
    assert survey["D9"].fill.start_color.rgb.endswith("FBE3A1")
    assert "Không có loại câu hỏi «số nguyên»" in survey["A3"].comment.text
    assert "Có phải «integer» không?" in survey["A3"].comment.text
    assert "thiếu" in survey["D9"].comment.text.lower()
    assert survey["B3"].comment is None


def test_the_first_sheet_lists_everything_with_links(book):
    summary = book[SUMMARY]

    assert book.sheetnames[0] == SUMMARY
    assert [cell.value for cell in summary[1]] == ["Mức", "Ô", "Điều cần sửa"]
    places = [row[1].value for row in summary.iter_rows(min_row=2)]
    assert places == ["survey!A3", "survey!F7", "survey!D9"]
    assert summary["B2"].hyperlink.location or summary["B2"].hyperlink.ref


def test_everything_else_stays_and_what_was_mended_is_sound_again(book):
    for cell, text in (("A3", "integer"), ("D9", "Name"), ("F7", "${tuoi} > 5")):
        book["survey"][cell] = text
    file = io.BytesIO()
    book.save(file)

    assert problems(file.getvalue()) == ()


def test_libreoffice_opens_it(book, tmp_path):
    if not has_libreoffice():
        leave_out("LibreOffice is missing")
    path = tmp_path / "back.xlsx"
    book.save(path)

    sheets = read_books([path], tmp_path)["back"]

    assert next(iter(sheets)) == SUMMARY
    assert sheets["survey"][2][0].fill.start_color.rgb.endswith("F4B6B0")


@pytest.fixture
def phieu(monkeypatch, tmp_path):
    from click.testing import CliRunner

    monkeypatch.setenv("PHIEU_LANG", "vi")

    def run(*arguments: object):
        program = make_program(lambda: None)
        return CliRunner().invoke(program, ["forms", "check", *map(str, arguments)])

    return run


def test_the_command_speaks_vietnamese_and_writes_the_workbook_back(phieu, tmp_path):
    (tmp_path / "f.xlsx").write_bytes(with_cells(**FAULTS))

    done = phieu(tmp_path / "f.xlsx", "--annotate", tmp_path / "out.xlsx")

    assert done.exit_code == 1
    assert "lỗi: survey!A3: Không có loại câu hỏi «số nguyên»." in done.output
    assert (tmp_path / "out.xlsx").exists()


def test_a_file_that_is_there_is_not_overwritten(phieu, tmp_path):
    source = with_cells(**FAULTS)
    (tmp_path / "f.xlsx").write_bytes(source)

    done = phieu(tmp_path / "f.xlsx", "--annotate", tmp_path / "f.xlsx")

    assert done.exit_code == 2
    assert (tmp_path / "f.xlsx").read_bytes() == source


def test_json_has_cell_reason_and_suggestion(phieu, tmp_path):
    (tmp_path / "f.xlsx").write_bytes(with_cells(survey_A3="số nguyên"))

    [problem] = json.loads(phieu(tmp_path / "f.xlsx", "--json").output)["problems"]

    assert problem["place"] == "survey!A3"
    assert (problem["code"], problem["suggestion"]) == ("survey.unknown_type", "integer")


def test_odk_validate_gives_a_second_opinion():
    sound = compile_form(with_cells(), filename="f.xlsx")
    said = ask_validate(sound)
    if said and said[0].code == "validate.missing":
        leave_out("Java is missing")

    assert said == []


def test_a_rule_that_this_server_cannot_check_again_is_told():
    found = problems(with_cells(survey_F7="property('x') = 1"))

    assert [(p.code, p.place, p.severity) for p in found] == [
        ("logic.not_evaluated", "survey!F7", "warning")
    ]


@pytest.mark.parametrize(
    ("expression", "english", "vietnamese"),
    [
        ("property('x') = 1", "only the phone knows", "chỉ điện thoại mới biết giá trị"),
        ("count(//tuoi) = 1", "the step «descendant-or-self", "bước «descendant-or-self"),
        ("regex(., 'a{b}')", "«{b}» in the pattern «a{b}»", "«{b}» trong mẫu regex «a{b}»"),
    ],
)
def test_why_a_rule_cannot_be_checked_is_said_in_both_languages(expression, english, vietnamese):
    [problem] = problems(with_cells(survey_G3=expression))

    assert english in problem.say("en")
    assert vietnamese in problem.say("vi")
    assert "{why}" not in problem.say("vi")


@pytest.mark.parametrize(
    ("expression", "english", "vietnamese"),
    [
        ("nothing(.)", "the function nothing() is not known", "không biết hàm nothing()"),
        ("instance('x')/root/item/a", "no list x", "không có danh sách «x»"),
        (". > ", "something is missing at the end", "thiếu phần cuối"),
    ],
)
def test_why_a_declared_check_is_refused_is_said_in_both_languages(expression, english, vietnamese):
    sheet = f"""| checks |
| | id | severity | field | constraint | message::Tiếng Việt (vi) | message::English (en) |
| | ODD | W | head | {expression} | Lạ | Odd |
"""
    [problem] = problems(workbook(HOUSES + sheet))

    assert (problem.code, problem.place) == ("checks.expression", "checks!D2")
    assert english in problem.say("en")
    assert vietnamese in problem.say("vi")
