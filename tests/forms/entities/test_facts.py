"""Facts that restricted forms say of an entity beside its list (domain.md §2.2)."""

from __future__ import annotations

import pytest
from lxml import etree

from forms.entities import Fact, Statement, read_declarations, read_facts, read_statements
from forms.errors import Problem, WorkbookRefused
from forms.workbooks import compile_form, compile_workbook
from forms.xforms import parse_xform
from tests.helpers.slips import ROOT

CHILD = "1d3f6a52-9c0e-4b1a-8f3d-2c5e7a9b1d40"
FORM = """
| survey |
| | type | name | label | save_to | restricted_save_to |
| | select_one_from_file child.csv | who | Who | | |
| | text | groups | Groups | | <fact> |
| | begin_group | g | G | | <group> |
| | text | status | Status | status | <saved> |
| | text | again | Again | | <again> |
| | end_group | | | | |
| | begin_repeat | r | R | | |
| | text | often | Often | | <repeated> |
| | end_repeat | | | | |
| entities |
| | list_name | label | entity_id | update_if |
| | child | ${who} | ${who} | 1 = 1 |
| settings |
| | form_id | form_title | version | data_class |
| | visits | Visits | 1 | <data_class> |
"""
CELLS = dict.fromkeys(("group", "saved", "again", "repeated"), "")


def markdown(data_class: str = "case", **cells: str) -> bytes:
    filled = FORM
    given = CELLS | {"fact": "child#groups", "data_class": data_class} | cells
    for name, text in given.items():
        filled = filled.replace(f"<{name}>", text)
    return filled.encode()


def refused(source: bytes) -> list[Problem]:
    with pytest.raises(WorkbookRefused) as caught:
        compile_workbook(source, file_type=".md")
    return [p for p in caught.value.problems if p.severity == "error"]


def test_the_column_is_kept_in_the_form_and_nothing_else_is_said():
    definition = compile_workbook(markdown(), file_type=".md")
    again = parse_xform(definition.xform)

    assert read_facts(definition) == read_facts(again) == (Fact("child", "groups", "/groups"),)
    assert definition.warnings == ()
    assert all(
        "groups" not in dict(declared.properties) for declared in read_declarations(definition)
    )


def test_without_a_list_the_only_one_is_meant():
    definition = compile_workbook(markdown(fact="groups"), file_type=".md")

    assert read_facts(definition) == (Fact("child", "groups", "/groups"),)


@pytest.mark.parametrize(
    ("cells", "code", "cell"),
    [
        ({"data_class": ""}, "restricted.open_form", "E3"),
        ({"fact": "household#groups"}, "restricted.unknown_list", "E3"),
        ({"fact": "child#name"}, "restricted.name", "E3"),
        ({"fact": "child#status"}, "restricted.saved_too", "E3"),
        ({"saved": "child#other"}, "restricted.saved_too", "E5"),
        ({"again": "child#Groups"}, "restricted.twice", "E6"),
        ({"group": "child#other"}, "restricted.no_answer", "E4"),
        ({"repeated": "child#other"}, "restricted.no_answer", "E9"),
    ],
)
def test_what_cannot_be_is_told_with_its_cell(cells, code, cell):
    (problem,) = refused(markdown(**cells))

    assert (problem.code, problem.sheet, problem.cell) == (code, "survey", cell)
    assert problem.say("vi") != problem.say("en")


def test_a_list_that_is_written_in_a_repeat_has_no_one_entity():
    in_repeat = (
        markdown()
        .replace(b"| begin_group | g | G |", b"| begin_repeat | g | G |")
        .replace(b"| end_group |", b"| end_repeat |")
        .replace(b"${who} | ${who} | 1 = 1", b"${status} | ${status} | 1 = 1")
    )

    assert [p.code for p in refused(in_repeat)] == ["restricted.many_entities"]


def test_an_xform_says_where_by_its_path():
    xform = compile_workbook(markdown(), file_type=".md").xform

    with pytest.raises(WorkbookRefused) as caught:
        compile_form(xform, filename="visits.xml")
    assert [(p.code, p.node) for p in caught.value.problems] == [
        ("restricted.open_form", "/groups")
    ]


@pytest.mark.parametrize(
    ("groups", "flag", "id_", "said"),
    [
        ("<groups> 05 10 </groups>", "update", CHILD, "05 10"),
        ("<groups/>", "update", CHILD, ""),
        ("", "update", CHILD, None),
        ("<groups>05</groups>", "create", CHILD, None),
        ("<groups>05</groups>", "update", "", None),
    ],
    ids=["said", "blank", "missing", "not declared", "nobody"],
)
def test_a_slip_says_it_of_the_entity_that_it_updates(groups, flag, id_, said):
    definition = compile_workbook(markdown(), file_type=".md")
    entity = f'<entity dataset="child" id="{id_}" {flag}="1" baseVersion="1"/>'
    root = etree.fromstring(f"<data>{groups}<meta>{entity}</meta></data>")

    found = read_statements(root, read_declarations(definition), read_facts(definition))

    assert found == ([] if said is None else [Statement("child", CHILD, "groups", said)])


def test_the_shipped_followup_keeps_restricted_groups_out_of_the_list():
    path = ROOT / "xlsforms" / "case_followup" / "case_followup.xlsx"
    definition = compile_form(path.read_bytes(), filename=path.name)

    assert read_facts(definition) == (Fact("child", "sc_restricted", "/g_sit/sc_restricted"),)
