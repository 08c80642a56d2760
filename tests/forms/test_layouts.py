"""Several versions of a form fill one set of tables."""

from __future__ import annotations

import pytest

from forms.flatten import flatten_instance
from forms.instances import parse_instance
from forms.layouts import build_layout, see_as
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


GROUP = ("begin_group | r | R", "text | x | X", "end_group | | ")
REPEAT = ("begin_repeat | r | R", "text | x | X", "end_repeat | | ")


def flatten(xml: bytes, filled, *newest_first) -> list[list[tuple[str, dict[str, str]]]]:
    """Key and answers of each row of each table, as the version `filled` means the instance."""
    tables = build_layout(newest_first)
    nodes = see_as(tables, filled)
    flat = flatten_instance(parse_instance(xml).root, tables, "u", nodes)
    return [
        [
            (row.key, {c.name: v for c, v in zip(table.columns, row.values, strict=True) if v})
            for row in rows
        ]
        for table, rows in zip(tables, flat, strict=True)
    ]


@pytest.mark.parametrize("outer", ["", "begin_group | g | G", "begin_repeat | g | G"])
@pytest.mark.parametrize("is_newest_first", [True, False])
def test_what_became_another_kind_is_read_as_its_own_version_means_it(outer, is_newest_first):
    end = (outer.split()[0].replace("begin", "end") + " | | ",) if outer else ()
    group, repeat = (version(*([outer] if outer else []), *rows, *end) for rows in (GROUP, REPEAT))
    order = (group, repeat) if is_newest_first else (repeat, group)
    body = "<g><r><x>1</x></r></g>" if outer else "<r><x>1</x></r>"
    xml = f'<data id="f">{body}<meta><instanceID>u</instanceID></meta></data>'.encode()

    as_group = [rows for table in flatten(xml, group, *order) for rows in table]
    as_repeat = [rows for table in flatten(xml, repeat, *order) for rows in table]

    in_repeat = outer.startswith("begin_repeat")
    column = "g-r-x" if outer.startswith("begin_group") else "r-x"
    [(key, cells)] = [(key, cells) for key, cells in as_group if column in cells]
    assert (key, cells[column]) == ("u/g[1]" if in_repeat else "u", "1")
    assert not [cells for _, cells in as_group if "x" in cells]
    inner = "u/g[1]/r[1]" if in_repeat else "u/g/r[1]" if outer else "u/r[1]"
    assert [pair for pair in as_repeat if "x" in pair[1]] == [(inner, {"x": "1"})]
    assert not [cells for _, cells in as_repeat if column in cells]


def test_text_that_became_a_position_stays_whole():
    text, point = version("text | p | P"), version("geopoint | p | P")
    xml = b'<data id="f"><p>20.5 106.3 0 4</p><meta><instanceID>u</instanceID></meta></data>'

    [[(_, as_text)]] = flatten(xml, text, point, text)
    [[(_, as_point)]] = flatten(xml, point, point, text)

    assert as_text["p"] == "20.5 106.3 0 4"
    assert {n: v for n, v in as_point.items() if n.startswith("p")} == {
        "p-Latitude": "20.5", "p-Longitude": "106.3", "p-Altitude": "0", "p-Accuracy": "4"
    }  # fmt: skip


def test_a_note_is_text_that_nothing_fills():
    form = compile_workbook(
        b"""
        | survey |
        | | type | name | label | readonly | calculation | default | trigger |
        | | note | n | N |
        | | text | a | A |
        | | text | shown | S | yes | | given |
        | | text | found | F | yes | ${a} |
        | | text | once | O | yes | now() | | ${a} |
        """,
        file_type=".md",
    )

    assert [f.name for f in form.fields() if f.is_note] == ["n"]


def test_what_is_only_shown_today_keeps_what_was_asked_before():
    note, asked = version("note | n | Shown"), version("text | n | Asked")

    [table] = build_layout([note, asked], without=lambda field: field.is_note)

    assert [c.field.labels for c in table.columns if c.name == "n"] == [{"": "Asked"}]
    assert build_layout([note], without=lambda field: field.is_note)[0].columns[0].name != "n"
