"""The designers' mistakes of pyxform-errors.md: each is found, in its cell, beside all others."""

from __future__ import annotations

import io
import subprocess

import openpyxl
import pytest
from pyxform.xls2xform import convert

from forms.errors import WorkbookRefused
from forms.workbooks import compile_form
from tests.conftest import leave_out
from tests.forms.test_workbooks import VALIDATE
from tests.helpers.slips import workbook

SURVEY = [
    "type", "name", "label::Tiếng Việt (vi)", "label::English (en)", "required", "relevant",
    "constraint", "calculation", "choice_filter", "default", "repeat_count",
]  # fmt: skip
CHOICES = ["list_name", "name", "label::Tiếng Việt (vi)", "label::English (en)", "tinh"]
SETTINGS = ["form_id", "form_title", "version", "default_language"]
SOUND = {
    "survey": [
        SURVEY,
        ["text", "ho_ten", "Họ tên", "Name"],
        ["integer", "tuoi", "Tuổi", "Age"],
        ["select_one tinh", "tinh", "Tỉnh", "Province"],
        ["select_one huyen", "huyen", "Huyện", "District"] + 4 * [None] + ["tinh=${tinh}"],
        ["begin_group", "ho", "Hộ", "Household"],
        ["integer", "so_nguoi", "Số người", "Persons", None, "${tuoi} > 5"],
        ["begin_repeat", "tv", "Thành viên", "Member"],
        ["text", "ten_tv", "Tên", "Name"],
        ["end_repeat"],
        ["end_group"],
        ["calculate", "c1"] + 5 * [None] + ["${tuoi} + 1"],
        ["select_multiple tinh", "nhieu", "Nhiều", "Several"],
    ],
    "choices": [
        CHOICES,
        ["tinh", "01", "Hà Nội", "Ha Noi"],
        ["tinh", "46", "Huế", "Hue"],
        ["huyen", "001", "Ba Đình", "Ba Dinh", "01"],
    ],
    "settings": [SETTINGS, ["thu", "Thử", "1", "Tiếng Việt (vi)"]],
}


def with_cells(**cells: str | None) -> bytes:
    """The sound form with other cells: `survey_A4="…"`."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in SOUND.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for place, value in cells.items():
        name, cell = place.split("_")
        book[name][cell] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def check(source: bytes) -> list[str]:
    """Place and severity of all problems, as the command lists them."""
    try:
        found = compile_form(source, filename="f.xlsx").warnings
    except WorkbookRefused as error:
        found = error.problems
    return [f"{problem.severity}: {problem}" for problem in found]


def test_a_sound_form_has_no_problems():
    assert check(with_cells()) == []


@pytest.mark.parametrize("word", ["có", "Có", "yes", "TRUE", "đúng"])
def test_yes_in_either_language_makes_a_question_required(word):
    definition = compile_form(with_cells(survey_E3=word), filename="f.xlsx")

    assert definition.find_field("tuoi").bind.required == "true()"
    assert definition.warnings == ()


@pytest.mark.parametrize(
    ("cells", "place", "words"),
    [
        ({"survey_A4": "sellect_one tinh"}, "survey!A4", "mean select_one tinh?"),
        ({"survey_A3": "số nguyên"}, "survey!A3", "mean integer?"),
        ({"survey_A4": "select_one tinhh"}, "survey!A4", "mean tinh?"),
        ({"survey_A4": "select_one"}, "survey!A4", "needs the name of a list"),
        ({"survey_A4": None}, "survey!A4", "no type"),
        ({"survey_B3": "ho_ten"}, "survey!B3", "in row 2 already"),
        ({"survey_B3": None, "survey_F7": None, "survey_H12": "1"}, "survey!B3", "no name"),
        ({"survey_H12": "${tuoii} + 1"}, "survey!H12", "mean tuoi?"),
        ({"survey_H12": "${tuoi + 1"}, "survey!H12", "must start with '${'"),
        ({"survey_A11": None}, "survey!A6", "no end_group"),
        ({"survey_A13": "end_group"}, "survey!A13", "ends nothing"),
        ({"survey_A10": "end_group", "survey_A11": None}, "survey!A10", "repeat tv is open"),
        ({"survey_F7": "${tuoi} >> 5"}, "survey!F7", "at «> 5»"),
        ({"survey_H12": "if( ${tuoi} > 5, 1, 0"}, "survey!H12", "«)» is missing"),
        ({"survey_F7": "nam(${tuoi}) = 1"}, "survey!F7", "no function nam()"),
        ({"survey_F7": "selected(${tinh})"}, "survey!F7", "takes 2 arguments, not 1"),
        ({"choices_B3": "01"}, "choices!B3", "in row 2 already"),
        ({"survey_C3": None, "survey_D3": None}, "survey!C3", "no label"),
        ({"choices_C3": None, "choices_D3": None}, "choices!C3", "no label"),
        ({"survey_B2": "ho ten"}, "survey!B2", "mean ho_ten?"),
        ({"choices_B3": "ha noi"}, "choices!B3", "mean ha_noi?"),
        ({"choices_B3": None}, "choices!B3", "no name"),
        ({"survey_I5": "tinhh=${tinh}"}, "survey!I5", "no column tinhh"),
        ({"survey_I5": "tinh==${tinh}"}, "survey!I5", "one «=»"),
        ({"survey_F1": "relevent"}, "survey!F1", "mean relevant?"),
        ({"survey_A1": "tpye"}, "survey!A1", "mean type?"),
        ({"survey_G3": "0 < . < 120"}, "survey!G3", "compares the result"),
        ({"survey_G3": ". < 36,5"}, "survey!G3", "with a point"),
        ({"survey_G3": ". < /data/none"}, "survey!G3", "no none in data"),
        ({"survey_G3": ". < ../tuoii"}, "survey!G3", "no tuoii in data"),
        ({"survey_E3": "luôn luôn"}, "survey!E3", "neither yes nor no"),
        ({"survey_E3": "bắt buộc"}, "survey!E3", "neither yes nor no"),
        ({"survey_J3": "now("}, "survey!J3", "no valid expression"),
        ({"survey_K8": "${tuoi} *"}, "survey!K8", "missing at the end"),
        ({"settings_A2": None}, "settings!A2", "no form_id"),
        ({"settings_C2": None}, "settings!C2", "no version"),
        ({"survey_A4": "select_one_from_file xa.xls"}, "survey!A4", ".csv"),
        ({"survey_C1": "label::Vietnamese"}, "survey!C1", "Vietnamese"),
    ],
)
def test_one_mistake_is_one_problem_in_its_cell(cells, place, words):
    problems = [p for p in check(with_cells(**cells)) if f" {place}: " in p]

    assert len(problems) == 1
    assert words in problems[0]


def test_every_mistake_is_listed_at_once_from_top_to_bottom():
    found = check(
        with_cells(
            survey_A3="inteeger",
            survey_F7="${tuoi} >> 5",
            survey_H12="${nobody}",
            survey_B9="tên tv",
            choices_B3="01",
            settings_C2=None,
        )
    )

    assert [p.split(": ")[:2] for p in found] == [
        ["error", "survey!A3"],
        ["error", "survey!F7"],
        ["error", "survey!B9"],
        ["error", "survey!H12"],
        ["error", "choices!B3"],
        ["warning", "settings!C2"],
    ]


def test_a_gap_between_columns_does_not_shift_the_letters():
    book = openpyxl.load_workbook(io.BytesIO(with_cells(survey_F7="${tuoi} >> 5")))
    book["survey"].insert_cols(3)
    file = io.BytesIO()
    book.save(file)

    [problem] = check(file.getvalue())

    assert "survey!G7:" in problem


def test_a_form_that_asks_nothing_is_refused_with_a_sentence():
    markdown = """
    | survey |
    | | type      | name | calculation |
    | | calculate | a    | 1           |
    | settings |
    | | form_id | version |
    | | f       | 1       |
    """

    [problem] = check(workbook(markdown))

    assert problem == (
        "error: survey: The form asks no question; a phone would show nothing. Add a question."
    )


def test_an_xform_is_checked_as_well():
    xform = compile_form(with_cells(), filename="f.xlsx").xform

    with pytest.raises(WorkbookRefused, match=r"/data/ho/so_nguoi, relevant: .* at «> 5»"):
        compile_form(xform.replace(b"&gt; 5", b"&gt;&gt; 5"), filename="f.xml")


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"survey_F7": "${tuoi} >> 5"},
        {"survey_H12": "if( ${tuoi} > 5, 1, 0"},
        {"survey_F7": "selected(${tinh})"},
        {"survey_G3": ". < 36,5"},
        {"survey_I5": "tinh==${tinh}"},
        {"survey_F7": "${tuoi} > 5 and count-selected(${nhieu}) >= 1 or not(1 div 2 = -0.5)"},
        {"survey_G3": ". > 0 and . < 120 and regex(., '[0-9]+')"},
        {"survey_H12": "coalesce(${tuoi}, 0) mod 2 * -1"},
    ],
)
def test_odk_validate_judges_the_same(cells, tmp_path):
    xform = convert(with_cells(**cells), file_type=".xlsx").xform
    (tmp_path / "f.xml").write_text(xform, encoding="utf-8")
    command = ["java", "-jar", VALIDATE, tmp_path / "f.xml"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        leave_out("Java is missing")

    is_sound = not any(p.startswith("error") for p in check(with_cells(**cells)))

    assert ("Xform is valid" in done.stdout + done.stderr) == is_sound
