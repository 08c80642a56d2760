"""Which lists a form writes to, and for what its declarations are refused."""

from __future__ import annotations

import dataclasses

import pytest

from forms.definitions import Bind, EntityDeclaration, Field, FormDefinition, Kind
from forms.entities import Action, check_declarations, is_property_name, read_declarations
from forms.errors import WorkbookRefused
from forms.workbooks import compile_form, compile_workbook
from forms.xforms import parse_xform
from tests.helpers.slips import ROOT

SHIPPED = sorted((ROOT / "xlsforms").glob("*/*.xlsx"))
BOTH = frozenset(Action)
NESTED = """
| survey   |              |       |       |                |
|          | type         | name  | label | save_to        |
|          | text         | title | Title | wells#title    |
|          | begin_repeat | area  | Area  |                |
|          | begin_repeat | pump  | Pump  |                |
|          | begin_group  | g     | G     |                |
|          | text         | kind  | Kind  | pumps#kind     |
|          | end_group    |       |       |                |
|          | end_repeat   |       |       |                |
|          | end_repeat   |       |       |                |
| entities |              |       |       |                |
|          | list_name    | label |       |                |
|          | wells        | ${title} |    |                |
|          | pumps        | ${kind}  |    |                |
| settings |              |       |       |                |
|          | form_id      | form_title | version |         |
|          | wells        | Wells | 1     |                |
"""
XFORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa"
  xmlns:e="http://www.opendatakit.org/xforms/entities">
<h:head><h:title>Wells</h:title><model{version}><instance><data id="wells" version="1">
  <name/><g><depth/></g><r jr:template=""><a/></r><r><a/></r>
  <meta><instanceID/>{entities}</meta></data></instance>
  <bind nodeset="/data/name" type="string" {name}/>
  <bind nodeset="/data/g/depth" type="int" {depth}/>
  <bind nodeset="/data/r/a" type="string" {a}/>
</model></h:head>
<h:body><input ref="/data/name"><label>Name</label></input>
<input ref="/data/g/depth"><label>Depth</label></input>
<group ref="/data/r"><label>R</label><repeat nodeset="/data/r">
<input ref="/data/r/a"><label>A</label></input></repeat></group></h:body></h:html>"""
CREATES = '<entity dataset="wells" id="" create="1"><label/></entity>'


def xform(entities=CREATES, version="2024.1.0", **saved) -> bytes:
    declared = f' e:entities-version="{version}"' if version else ""
    binds = {n: f'e:saveto="{saved[n]}"' if n in saved else "" for n in ("name", "depth", "a")}
    return XFORM.format(version=declared, entities=entities, **binds).encode()


def codes(source: bytes) -> list[str]:
    return [problem.code for problem in check_declarations(parse_xform(source))]


def test_the_household_survey_writes_households_in_a_group_and_children_in_a_repeat():
    path = ROOT / "xlsforms/child_situation/child_situation.xlsx"

    household, child = read_declarations(compile_form(path.read_bytes(), filename=path.name))

    assert (household.dataset, household.container, household.repeat) == ("household", "/g_hh", "")
    assert (child.dataset, child.container, child.repeat) == ("child", "/rep_child", "/rep_child")
    assert household.actions == child.actions == BOTH
    assert ("poverty_status", "/g_hh/poverty_status") in household.properties
    assert ("full_name", "/rep_child/g_id/child_name") in child.properties


def test_a_form_that_only_updates_says_so():
    path = ROOT / "xlsforms/case_followup/case_followup.xlsx"

    declared = read_declarations(compile_form(path.read_bytes(), filename=path.name))

    assert [(d.dataset, d.actions) for d in declared] == [
        ("child", {Action.UPDATE}),
        ("case", {Action.UPDATE}),
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_shipped_forms(path):
    form = compile_form(path.read_bytes(), filename=path.name)

    assert list(check_declarations(form)) == []


def test_a_repeat_inside_a_repeat_knows_the_one_around_it():
    form = compile_workbook(NESTED.encode(), file_type=".md")

    (pumps,) = (d for d in read_declarations(form) if d.dataset == "pumps")

    assert pumps.repeat == "/area/pump"
    assert pumps.repeats == ("/area", "/area/pump")
    assert pumps.properties == (("kind", "/area/pump/g/kind"),)


def test_an_answer_in_a_group_belongs_to_the_root_where_the_group_declares_nothing():
    (wells,) = read_declarations(parse_xform(xform(depth="depth")))

    assert (wells.container, wells.properties) == ("", (("depth", "/g/depth"),))


def test_an_answer_belongs_to_the_nearest_place_that_declares():
    fields = (
        Field("/a", Kind.QUESTION, Bind(save_to="a")),
        Field("/g", Kind.GROUP, children=(Field("/g/b", Kind.QUESTION, Bind(save_to="b")),)),
    )
    declared = tuple(
        EntityDeclaration(path, "wells", attributes=frozenset({"create"})) for path in ("/", "/g")
    )
    form = dataclasses.replace(
        parse_xform(xform()), root=Field("", Kind.GROUP, children=fields), entities=declared
    )

    assert [d.properties for d in read_declarations(form)] == [
        (("a", "/a"),),
        (("b", "/g/b"),),
    ]


def test_the_first_version_of_entities_can_only_create():
    (wells,) = read_declarations(parse_xform(xform(version="2022.1.0")))

    assert wells.actions == {Action.CREATE}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (xform(CREATES.replace("wells", "my.wells")), "entity.dataset_name"),
        (xform(CREATES.replace("wells", "__wells")), "entity.dataset_name"),
        (xform(CREATES.replace("wells", "")), "entity.dataset_name"),
        (xform(name="Label"), "entity.property_name"),
        (xform(name="__depth"), "entity.property_name"),
        (xform(name="my depth"), "entity.property_name"),
        (xform("", name="depth"), "entity.no_declaration"),
        (xform(a="a"), "entity.no_declaration"),
        (xform(CREATES + CREATES, "2025.1.0"), "entity.declared_twice"),
        (xform(name="depth", depth="Depth"), "entity.property_case"),
        (xform(name="depth", depth="depth"), "entity.property_twice"),
        (xform(version=""), "entity.no_version"),
        (xform(CREATES.replace("create", "update"), "2022.1.0"), "entity.old_version"),
        (xform(CREATES.replace('create="1"', "")), "entity.no_action"),
        (xform(version="2023.1.0"), "entity.not_offline"),
    ],
)
def test_a_wrong_declaration_has_its_problem(source, code):
    assert codes(source) == [code]


def test_an_entity_in_a_group_needs_the_newest_version():
    inside = xform("").replace(b"<depth/>", f"<depth/><meta>{CREATES}</meta>".encode())

    assert codes(inside) == ["entity.old_version"]
    assert codes(inside.replace(b"2024.1.0", b"2025.1.0")) == []


def test_a_template_and_its_first_instance_are_one_declaration():
    inside = xform("", "2025.1.0", a="a").replace(b"<a/>", f"<a/><meta>{CREATES}</meta>".encode())

    (wells,) = read_declarations(parse_xform(inside))

    assert (wells.container, wells.repeat, wells.properties) == ("/r", "/r", (("a", "/r/a"),))
    assert codes(inside) == []


def test_two_lists_that_differ_in_capitals_only_are_one_too_many():
    twins = xform("", "2025.1.0")
    for place, name in ((b"<depth/>", "wells"), (b"<a/>", "Wells")):
        entity = CREATES.replace("wells", name)
        twins = twins.replace(place, place + f"<meta>{entity}</meta>".encode())

    assert codes(twins) == ["entity.dataset_case"]


def test_such_a_form_is_refused_in_both_languages():
    with pytest.raises(WorkbookRefused) as caught:
        compile_form(xform(name="name"), filename="wells.xml")

    (problem,) = caught.value.problems
    assert "cannot name a property" in problem.say("en")
    assert "không dùng làm tên thuộc tính được" in problem.say("vi")
    assert problem.place == "/name"


def test_an_old_version_is_only_warned_about():
    form = compile_form(xform(version="2023.1.0"), filename="wells.xml")

    assert [problem.code for problem in form.warnings] == ["entity.not_offline"]


def test_a_form_without_entities_declares_nothing():
    form: FormDefinition = parse_xform(xform("", ""))

    assert read_declarations(form) == ()
    assert list(check_declarations(form)) == []


@pytest.mark.parametrize("name", ["depth", "_depth", "độ_sâu", "depth.m-2"])
def test_a_property_may_have_any_plain_name(name):
    assert is_property_name(name)
