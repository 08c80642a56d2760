"""GeoJSON as a plain reader of JSON sees it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from exports.tables import Column, TableHead
from exports.writers import geojson
from forms.workbooks import compile_workbook
from tests.helpers.datasets import Instances
from tests.helpers.geo import Tables, point, question

HEAD = TableHead(
    "",
    (
        *point("gps"),
        question("road", "geotrace"),
        question("n", "int"),
        question("t"),
        Column("KEY"),
    ),
)
ROWS = [
    ("20.70", "106.3", "5.10", "4.5", "20 106 1 1; 21 107 2 1", "7", "Hoà", "uuid:1"),
    ("95", "106.3", None, None, None, "007", None, "uuid:2"),
    (None, None, None, None, "20 106; 21 107;", "3.0", 'a"\n\\\u2028😀', "uuid:3"),
]  # fmt: skip


def write(dataset, folder: Path) -> dict[str, dict]:
    paths = geojson.write(dataset, folder)
    assert sorted(paths) == sorted(folder.iterdir())
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def test_every_geo_question_has_a_file_with_the_rows_that_have_a_place(tmp_path):
    found = write(Tables((HEAD, ROWS)), tmp_path)

    assert list(found) == ["f-gps.geojson", "f-road.geojson"]
    assert found["f-gps.geojson"] == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "uuid:1",
                "geometry": {"type": "Point", "coordinates": [106.3, 20.7, 5.1]},
                "properties": {
                    "gps-Altitude": 5.1,
                    "gps-Accuracy": 4.5,
                    "road": "20 106 1 1; 21 107 2 1",
                    "n": 7,
                    "t": "Hoà",
                    "KEY": "uuid:1",
                },
            }
        ],
    }
    first, second = found["f-road.geojson"]["features"]
    assert first["geometry"] == {"type": "LineString", "coordinates": [[106, 20, 1], [107, 21, 2]]}
    assert second["properties"] == {
        "gps-Latitude": None,
        "gps-Longitude": None,
        "gps-Altitude": None,
        "gps-Accuracy": None,
        "road": "20 106; 21 107;",
        "n": 3,
        "t": 'a"\n\\\u2028😀',
        "KEY": "uuid:3",
    }


def test_a_repeat_has_its_own_files_and_names_differ_whatever_the_case(tmp_path):
    root = TableHead("", (question("r-a", "geoshape"), question("R-A", "geotrace"), Column("KEY")))
    repeat = TableHead("r", (question("a", "geotrace"), Column("PARENT_KEY"), Column("KEY")))
    shape = "0 0;0 1;1 1;0 0"
    dataset = Tables((root, [(shape, None, "k")]), (repeat, [("0 0;0 1", "k", "k/r[1]")]))

    found = write(dataset, tmp_path)

    assert list(found) == ["f-r-a.geojson", "f-R-A~2.geojson", "f-r-a~3.geojson"]
    assert [len(f["features"]) for f in found.values()] == [1, 0, 1]
    assert found["f-r-a~3.geojson"]["features"][0]["id"] == "k/r[1]"


def test_a_form_without_a_geo_question_gives_one_empty_collection(tmp_path):
    dataset = Tables((TableHead("", (question("t"), Column("KEY"))), [("x", "uuid:1")]))

    assert write(dataset, tmp_path) == {"f.geojson": {"type": "FeatureCollection", "features": []}}


def test_no_rows_are_an_empty_collection(tmp_path):
    assert write(Tables((HEAD, [])), tmp_path)["f-gps.geojson"]["features"] == []


NUMBERS = st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", fullmatch=True) | st.sampled_from(
    ["007", "1e5", "-0", "0.0", "5."]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | NUMBERS, st.none() | st.text(st.characters(exclude_categories=["Cs"]))
        )
    )
)
def test_every_answer_is_in_the_properties_as_a_number_or_as_it_was_sent(answers):
    head = TableHead("", (*point("p"), question("n", "decimal"), question('t"\n'), Column("KEY")))
    rows = [("1", "2", None, None, n, t, f"k{i}") for i, (n, t) in enumerate(answers)]
    with tempfile.TemporaryDirectory() as folder:
        found = write(Tables((head, rows)), Path(folder))["f-p.geojson"]["features"]

    for (number, text), feature in zip(answers, found, strict=True):
        properties = feature["properties"]
        assert properties['t"\n'] == text
        if isinstance(properties["n"], str) or number is None:
            assert properties["n"] == number
        else:
            assert f"{properties['n']:.15g}" == f"{float(number):.15g}"


def test_the_same_rows_twice_are_the_same_bytes(tmp_path):
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        geojson.write(Tables((HEAD, ROWS)), tmp_path / name)

    for path in (tmp_path / "1").iterdir():
        assert path.read_bytes() == (tmp_path / "2" / path.name).read_bytes()


FORM = compile_workbook(
    """
    | survey |
    | | type | name | label::Tiếng Việt (vi) |
    | | geopoint | gps | Toạ độ |
    | | begin_repeat | r | Thửa |
    | | geoshape | field | Ranh giới |
    | | end_repeat | | |
    | settings |
    | | form_id | form_title | version | default_language |
    | | f | F | 1 | Tiếng Việt (vi) |
    """.encode(),
    file_type=".md",
)


def test_a_form_as_phones_send_it(tmp_path):
    sent = (
        '<data id="f" version="1"><gps>20.7 106.3 5.0 4.9</gps>'
        "<r><field>0 0 0 0;0 1 0 0;1 1 0 0;0 0 0 0</field></r><r><field/></r>"
        "<meta><instanceID>uuid:1</instanceID></meta></data>"
    )

    found = write(Instances([sent.encode()], [FORM], "vi"), tmp_path)

    gps, shapes = (found[name]["features"] for name in ("f-gps.geojson", "f-r-field.geojson"))
    assert [feature["id"] for feature in (*gps, *shapes)] == ["uuid:1", "uuid:1/r[1]"]
    assert gps[0]["geometry"] == {"type": "Point", "coordinates": [106.3, 20.7, 5]}
    assert shapes[0]["geometry"]["coordinates"] == [[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0]]]
