"""Several versions of a form fill one set of tables."""

from __future__ import annotations

from forms.flatten import flatten_instance
from forms.instances import parse_instance
from forms.layouts import build_layout
from forms.workbooks import compile_form, compile_workbook

TWINS = b"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>F</h:title><model><instance><data id="f"><g><r><x/></r><b-c/></g>
<g-b><r><y/></r><c/></g-b><meta><instanceID/></meta></data></instance></model></h:head>
<h:body><group><repeat nodeset="/data/g/r"/></group><group><repeat nodeset="/data/g-b/r"/></group>
</h:body></h:html>"""


def version(*rows: str):
    lines = ["| survey |", "| | type | name | label |", *(f"| | {row} |" for row in rows)]
    return compile_workbook("\n".join(lines).encode(), file_type=".md")


def columns(*newest_first) -> list[list[str]]:
    return [[c.name for c in table.columns] for table in build_layout(newest_first)]


OLD = version("text | a | A", "text | gone | G", "begin_group | g | G", "text | b | B",
              "text | lost | L", "end_group | | ")  # fmt: skip
NEW = version("text | a | A", "begin_group | g | G", "text | b | B", "integer | c | C",
              "end_group | | ")  # fmt: skip


def test_a_field_that_vanished_stands_after_its_last_surviving_neighbour():
    assert columns(NEW, OLD) == [["a", "gone", "g-b", "g-lost", "g-c", "meta-instanceID"]]


def test_groups_join_the_names_and_geopoints_make_four_columns():
    form = version("begin_group | g | G", "geopoint | p | P", "end_group | | ")

    assert columns(form)[0][:4] == [f"g-p-{x}" for x in
                                    ("Latitude", "Longitude", "Altitude", "Accuracy")]  # fmt: skip


def test_repeats_of_one_name_are_numbered_and_clashing_columns_too():
    form = compile_form(TWINS, filename="f.xml")

    tables = build_layout([form])

    assert [t.name for t in tables] == ["", "r~1", "r~2"]
    assert [c.name for c in tables[0].columns][:2] == ["g-b-c", "g-b-c~2"]


def test_a_group_that_became_a_repeat_keeps_the_answers_of_both():
    old = version("begin_group | x | X", "text | a | A", "end_group | | ", "text | z | Z")
    new = version("begin_repeat | x | X", "text | a | A", "end_repeat | | ", "text | z | Z")
    tables = build_layout([new, old])
    xml = b'<data id="f"><x><a>1</a></x><z>2</z><meta><instanceID>u</instanceID></meta></data>'

    rows = flatten_instance(parse_instance(xml).root, tables, "u")

    kept = [v for table in rows for row in table for v in row.values if v]
    assert sorted(kept) == ["1", "2", "u"]


def test_nested_repeats_are_linked_by_keys_with_groups_on_the_way():
    form = version(
        "begin_repeat | r | R", "begin_group | g | G", "begin_repeat | i | I", "text | a | A",
        "end_repeat | | ", "end_group | | ", "end_repeat | | ",
    )  # fmt: skip
    xml = b'<data id="f"><r/><r><g><i><a>1</a></i><i><a>2</a></i></g></r></data>'

    rows = flatten_instance(parse_instance(xml).root, build_layout([form]), "uuid:1")

    assert [row.key for row in rows[1]] == ["uuid:1/r[1]", "uuid:1/r[2]"]
    assert [(row.key, row.parent_key) for row in rows[2]] == [
        ("uuid:1/r[2]/g/i[1]", "uuid:1/r[2]"),
        ("uuid:1/r[2]/g/i[2]", "uuid:1/r[2]"),
    ]
