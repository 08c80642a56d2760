"""Workbooks and XForms become definitions, or problems with their place."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest
import pyxform

from forms.definitions import Kind
from forms.errors import WorkbookRefused
from forms.workbooks import compile_form, compile_workbook
from tests.conftest import leave_out
from tests.helpers.slips import HOUSES, ROOT, workbook

VALIDATE = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
END_OF_REPEAT = "| | end_repeat   |         |                        |                     |\n"
SHIPPED = sorted((ROOT / "xlsforms").glob("*/*.xlsx"))


def compile_markdown(markdown: str):
    return compile_workbook(markdown.encode(), file_type=".md")


def problems_of(source: bytes, filename: str = "f.xlsx"):
    with pytest.raises(WorkbookRefused) as caught:
        compile_form(source, filename=filename)
    return caught.value.problems


def test_a_workbook_gives_identity_languages_and_the_tree_of_fields():
    form = compile_form(workbook(), filename="houses.xlsx")

    assert (form.xml_form_id, form.version, form.title) == ("houses", "1", "Nhà ở")
    assert form.languages == ("Tiếng Việt (vi)", "English (en)")
    fields = {f.path: f for f in form.fields()}
    assert fields["/g"].kind is Kind.GROUP
    assert fields["/child"].kind is Kind.REPEAT
    assert fields["/child"].labels["English (en)"] == "Child"
    assert fields["/g/size"].bind.type == "int"
    assert fields["/g/needs"].select_multiple
    assert [c.value for c in fields["/child/sex"].choices] == ["1", "2"]
    assert fields["/child/sex"].choices[1].labels["Tiếng Việt (vi)"] == "Nữ"


def test_an_xform_is_read_as_the_workbook_it_came_from():
    form = compile_form(workbook(), filename="houses.xlsx")

    again = compile_form(form.xform, filename="houses.xml")

    assert again.root == form.root
    assert again.xform == form.xform


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_workbook_converts_without_warnings_and_its_files_are_there(path):
    form = compile_form(path.read_bytes(), filename=path.name)

    assert form.warnings == ()
    assert {f.name for f in form.expected_files} <= {
        p.name for p in (path.parent / "media").iterdir()
    }


FILES = """
| survey |
| | type | name | label | media::image | calculation | appearance | choice_filter |
| | select_one_from_file wells.geojson | well | Well | map.png |
| | select_one listed | town | Town | | | minimal search('towns') |
| | select_one listed | road | Road | | | search( "roads.csv", 'contains', 'name', 'x') |
| | calculate | fee | | | pulldata('fees', 'fee', 'town', ${town}) |
| | select_one_external shops | shop | Shop | | | | town=${town} |
| choices |
| | list_name | name | label |
| | listed    | name | label |
| external_choices |
| | list_name | name | label | town |
| | shops     | 1    | One   | 1    |
"""


def test_every_file_that_the_form_reads_is_expected_however_it_is_named():
    form = compile_markdown(FILES)

    assert {f.name for f in form.expected_files} == {
        "wells.geojson",
        "map.png",
        "towns.csv",
        "roads.csv",
        "fees.csv",
        "itemsets.csv",
    }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_workbook_passes_odk_validate(path, tmp_path):
    xform = tmp_path / "form.xml"
    xform.write_bytes(compile_form(path.read_bytes(), filename=path.name).xform)
    try:
        done = subprocess.run(
            ["java", "-jar", VALIDATE, xform], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        leave_out("Java is missing")

    assert "Xform is valid" in done.stdout + done.stderr


def test_the_household_survey_declares_its_two_registers():
    path = ROOT / "xlsforms/child_situation/child_situation.xlsx"

    form = compile_form(path.read_bytes(), filename=path.name)

    assert form.entities_version == "2025.1.0"
    assert [(e.container, e.dataset) for e in form.entities] == [
        ("/g_hh", "household"),
        ("/rep_child", "child"),
    ]
    assert form.commune_field == "commune_code"
    assert len([c for c in form.lists["sc_group"] if c.extras["open"] == "0"]) == 7
    assert len(form.lists["ethnicity"]) == 56


def test_a_question_named_like_a_part_of_the_xform_confuses_nobody():
    form = compile_markdown(
        """
        | survey |
        | | type | name | label |
        | | text | body | Body |
        | | text | title | Title |
        | | text | model | Model |
        | | begin_repeat | r | R |
        | | text | instanceID | Id |
        | | end_repeat | | |
        """
    )

    assert [f.name for f in form.root.children] == ["body", "title", "model", "r", "meta"]
    assert form.find_field("body").labels


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("| date         | day", "| dat e | day", "survey!A2", "Unknown question type"),
        ("select_one sex", "select_one sexx", "survey!A12", "List name not in choices"),
        (END_OF_REPEAT, "", "survey!A10", "Unmatched"),
        ("Chủ hộ  ", "Chủ ${x}", "survey!C4", "no question named x"),
    ],
)  # fmt: skip
def test_a_faulty_workbook_is_refused_with_the_cell(old, new, place, words):
    assert old in HOUSES

    [problem] = problems_of(workbook(HOUSES.replace(old, new)))

    assert problem.place == place
    assert words in problem.reason


def zipped(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "source",
    [b"", b"PK\x03\x04 junk", b"<html/>", zipped(a="x"), workbook()[:2000]],
    ids=["empty", "junk", "html", "another zip", "cut short"],
)
def test_what_is_no_workbook_is_said_so_in_one_sentence(source):
    [problem] = problems_of(source)

    assert problem.reason.startswith("This file is not an XLSX workbook")


def test_a_zip_bomb_is_refused_by_its_size():
    bomb = zipped(**{"[Content_Types].xml": "x", "xl/big": "0" * 250_000_000})

    [problem] = problems_of(bomb)

    assert problem.code == "workbook.too_large"


@pytest.mark.parametrize("source", [b"", b"<x/>", b"not xml", b"<!DOCTYPE a []><a/>"])
def test_what_is_no_xform_is_refused(source):
    assert problems_of(source, "f.xml")


def test_a_commune_field_that_does_not_exist_is_refused():
    markdown = HOUSES.replace("| default_language |", "| default_language | commune_field |")
    markdown = markdown.replace("| Tiếng Việt (vi)  |", "| Tiếng Việt (vi)  | xa |")

    [problem] = problems_of(workbook(markdown))

    assert "no question named xa" in problem.reason
