"""The column `sensitivity` of the survey sheet (domain.md §7.4)."""

from __future__ import annotations

import pytest

from forms.definitions import Kind
from forms.errors import WorkbookRefused
from forms.sensitivity import Sensitivity
from forms.workbooks import compile_form, compile_workbook
from forms.xforms import parse_xform
from tests.helpers.examples import SHIPPED, compile_shipped

FORM = """
| survey |
| | type | name | label | calculation | sensitivity |
| | date | seen | Seen | | <day> |
| | begin_group | g | G | | <block> |
| | text | full_name | Name | | <name> |
| | text | remark | Remark | | <text> |
| | date | born | Born | | <born> |
| | geopoint | gps | GPS | | <point> |
| | integer | size | Size | | <number> |
| | calculate | both | | ${size} + 1 | none |
| | note | n | N | | |
| | end_group | | | | |
| settings |
| | form_id | form_title | version |
| | visits | Visits | 1 |
"""
RIGHT = {
    "day": "day",
    "block": "",
    "name": "direct",
    "text": "free_text",
    "born": "birth_date",
    "point": "location",
    "number": "none",
}


def markdown(**cells: str) -> bytes:
    filled = FORM
    for name, text in (RIGHT | cells).items():
        filled = filled.replace(f"<{name}>", text)
    return filled.encode()


def compiled(**cells: str):
    return compile_workbook(markdown(**cells), file_type=".md")


def test_what_a_workbook_says_is_in_the_form_that_phones_get():
    definition = compiled(text=" Free_Text ")
    again = parse_xform(definition.xform)

    said = {f.name: f.bind.sensitivity for f in definition.fields() if f.bind.sensitivity}
    assert said == {f.name: f.bind.sensitivity for f in again.fields() if f.bind.sensitivity}
    assert said == {
        "seen": "day",
        "full_name": "direct",
        "remark": "free_text",
        "born": "birth_date",
        "gps": "location",
        "size": "none",
        "both": "none",
    }
    assert definition.warnings == ()


@pytest.mark.parametrize(
    ("cells", "code", "cell", "suggestion"),
    [
        ({"text": "freetext"}, "sensitivity.unknown", "E5", "free_text"),
        ({"number": "xyz"}, "sensitivity.unknown", "E8", ""),
        ({"block": "none"}, "sensitivity.no_answer", "E3", ""),
    ],
)
def test_what_cannot_be_is_refused_with_its_cell(cells, code, cell, suggestion):
    with pytest.raises(WorkbookRefused) as caught:
        compiled(**cells)

    (problem,) = caught.value.problems
    assert (problem.code, problem.sheet, problem.cell) == (code, "survey", cell)
    assert problem.suggestion == suggestion
    assert problem.say("vi") != problem.say("en")


@pytest.mark.parametrize(
    ("cells", "code", "cell", "suggestion"),
    [
        ({"number": ""}, "sensitivity.missing", "E8", ""),
        ({"text": "none"}, "sensitivity.open", "E5", "free_text"),
        ({"name": "none"}, "sensitivity.open", "E4", "direct"),
        ({"point": "none"}, "sensitivity.open", "E7", "location"),
        ({"day": "date"}, "sensitivity.no_day", "E6", ""),
    ],
)
def test_what_may_be_a_slip_of_the_pen_is_pointed_out(cells, code, cell, suggestion):
    (problem,) = compiled(**cells).warnings

    assert (problem.severity, problem.code, problem.cell) == ("warning", code, cell)
    assert problem.suggestion == suggestion
    assert problem.say("vi") != problem.say("en")


def test_a_form_that_says_nothing_hears_nothing():
    without = FORM.replace(" | sensitivity |", " |")
    for name in RIGHT:
        without = without.replace(f" | <{name}> |", " |")
    without = without.replace("${size} + 1 | none |", "${size} + 1 |")

    assert compile_workbook(without.encode(), file_type=".md").warnings == ()


def test_a_form_of_another_server_is_told_by_its_nodes():
    xform = compiled().xform.replace(b'"free_text"', b'"free"')

    with pytest.raises(WorkbookRefused) as caught:
        compile_form(xform, filename="visits.xml")

    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("sensitivity.unknown", "/g/remark")


@pytest.mark.parametrize("workbook", SHIPPED, ids=lambda path: path.stem)
def test_every_answer_of_a_shipped_form_is_classified(workbook):
    answers = [
        field
        for field in compile_shipped(workbook).fields()
        if field.kind is Kind.QUESTION and not field.is_note and "/meta/" not in field.path
    ]

    assert all(field.bind.sensitivity in list(Sensitivity) for field in answers)


@pytest.mark.parametrize("workbook", SHIPPED, ids=lambda path: path.stem)
def test_no_text_place_or_day_of_a_shipped_form_goes_out_as_it_is(workbook):
    open_types = {"int", "decimal"}

    for field in compile_shipped(workbook).fields():
        if field.bind.sensitivity == Sensitivity.NONE and not field.is_select:
            is_calculated = bool(field.bind.calculate)
            assert field.bind.type in open_types or is_calculated, field.path
