"""What is a place, a line or a ring, and what is not."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.geometries import geo_fields, geometries
from exports.tables import Column, TableHead
from tests.helpers.geo import point, question


def geometry(text: str, type_: str):
    [field] = geo_fields(TableHead("", (question("x", type_),)))
    [found] = geometries(pl.DataFrame({"x": [text]}), field)
    return None if found is None else [tuple(place) for place in found]


def place(latitude: str | None, longitude: str | None, altitude: str | None = None):
    columns = point("p")
    [field] = geo_fields(TableHead("", columns))
    values = (latitude, longitude, altitude, "4.5")
    cells = {c.heading: [v] for c, v in zip(columns, values, strict=True)}
    [found] = geometries(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), field)
    return None if found is None else found[0]


@pytest.mark.parametrize(
    ("parts", "position"),
    [
        (("20.70", "106.3"), (106.3, 20.7)),
        (("20.70", "106.3", "5.10"), (106.3, 20.7, 5.1)),
        (("-90", "180", "0"), (180, -90, 0)),
        (("1.0E-4", "+106.", "-2.5e1"), (106, 0.0001, -25)),
        (("20.7", "106.3", "cao"), (106.3, 20.7)),
        (("20.7", "106.3", "1e999"), (106.3, 20.7)),
        (("90.0001", "106.3"), None),
        (("20.7", "-180.5"), None),
        (("nan", "106.3"), None),
        (("20,7", "106.3"), None),
        (("٢٠", "106.3"), None),
        (("1_0", "106.3"), None),
        (("20.7", None), None),
        ((None, "106.3"), None),
    ],
)
def test_a_point_is_on_earth_or_is_none(parts, position):
    assert place(*parts) == position


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("20 106 1 4; 21 107 2 4", [(106, 20, 1), (107, 21, 2)]),
        ("20 106 1 4;21 107 2 4; ;\n", [(106, 20, 1), (107, 21, 2)]),
        ("20 106; 21 107", [(106, 20), (107, 21)]),
        ("20 106 1 4; 21 107", [(106, 20), (107, 21)]),
        ("20 106 1 4", None),
        ("20 106 1 4;; 21 107 2 4", None),
        ("20 106 1 4; 91 107 2 4", None),
        ("20 106 1 4; 21 107 2 4 5", None),
        ("20 106 1 4; x y", None),
        (";", None),
    ],
)
def test_a_trace_has_two_points_that_are_all_on_earth(text, line):
    assert geometry(text, "geotrace") == line


@pytest.mark.parametrize(
    ("text", "ring"),
    [
        ("0 0;0 1;1 1;0 0", [(0, 0), (1, 0), (1, 1), (0, 0)]),
        ("0 0;1 1;0 1;0 0", [(0, 0), (1, 0), (1, 1), (0, 0)]),
        ("0 0 5 1;0 1 5 1;1 1 5 1;0 0 6 1;", [(0, 0, 5), (1, 0, 5), (1, 1, 5), (0, 0, 5)]),
        ("0 0;0 1;1 1;0 2", None),
        ("0 0;0 1;0 0", None),
    ],
)
def test_a_shape_is_closed_and_turns_to_the_left(text, ring):
    assert geometry(text, "geoshape") == ring


@given(st.sampled_from(["geotrace", "geoshape"]), st.text("0123456789.;- eE\n") | st.text())
def test_no_text_is_too_strange(type_, text):
    geometry(text, type_)


def test_a_question_is_named_for_programs_and_needs_latitude_and_longitude():
    labelled = [
        Column(f"Toạ độ {c.part}", c.type, c.heading, path=c.path, part=c.part) for c in point("p")
    ]
    twin = [Column(f"{c.heading}~2", c.type, path="/q/p", part=c.part) for c in point("p")]
    head = TableHead("", (*labelled, *twin[:2], *point("half")[:1], question("d", "geotrace")))

    fields = geo_fields(head)

    assert [(field.id, field.kind, len(field.columns)) for field in fields] == [
        ("p", "Point", 3),
        ("p~2", "Point", 2),
        ("d", "LineString", 1),
    ]
