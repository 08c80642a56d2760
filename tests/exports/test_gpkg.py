"""GeoPackages as SQLite and a reader of WKB written for the tests see them."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from exports.tables import Column, TableHead
from exports.writers import gpkg
from tests.helpers.geo import Tables, point, question, read_geometry

HEAD = TableHead(
    "",
    (
        Column("SubmissionDate", "dateTime"),
        *point("gps"),
        question("đường", "geotrace"),
        question("n", "int"),
        question("w", "decimal"),
        question("day", "date"),
        Column("KEY"),
    ),
)
DAY = "2026-11-24"
AT = "2026-11-24T10:00:00.250+07:00"
ROWS = [
    (AT, "20.70", "106.3", "5.1", "4", "20 106 1 1;21 107 2 1;", "7", "7.50", DAY, "uuid:1"),
    (AT, "95", "x", None, None, "20 106", None, "1234567890123456789", "2026-02-30", "uuid:2"),
    (None, "20", "105.5", None, None, None, "007", None, None, "uuid:3"),
]  # fmt: skip
REPEAT = TableHead("r", (question("x"), Column("PARENT_KEY"), Column("KEY")))
DATASET = Tables((HEAD, ROWS), (REPEAT, [("a", "uuid:1", "uuid:1/r[1]")]))


class Package:
    """What is in a file."""

    def __init__(self, path: Path) -> None:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            self.ids = [
                database.execute(f"PRAGMA {p}").fetchone()[0]
                for p in ("application_id", "user_version")
            ]
            self.faults = database.execute("PRAGMA integrity_check").fetchone()[0]
            self.orphans = database.execute("PRAGMA foreign_key_check").fetchall()
            names = [
                r[0]
                for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            self.tables = {
                n: [
                    dict(r)
                    for r in database.execute(f'SELECT * FROM "{n.replace(chr(34), chr(34) * 2)}"')
                ]
                for n in names
            }
            self.types = {
                n: {
                    r["name"]: r["type"]
                    for r in database.execute("SELECT name, type FROM pragma_table_info(?)", (n,))
                }
                for n in names
            }


def write(dataset, folder: Path) -> Package:
    paths = gpkg.write(dataset, folder)
    assert paths == [folder / "f.gpkg"] == list(folder.iterdir())
    return Package(paths[0])


def test_the_file_is_a_geopackage(tmp_path):
    package = write(DATASET, tmp_path)

    assert package.ids == [0x47504B47, 10300]
    assert (package.faults, package.orphans) == ("ok", [])
    assert {row["srs_id"] for row in package.tables["gpkg_spatial_ref_sys"]} == {-1, 0, 4326}
    contents = [
        (r["table_name"], r["data_type"], r["srs_id"]) for r in package.tables["gpkg_contents"]
    ]
    assert contents == [
        ("f-gps", "features", 4326),
        ("f-đường", "features", 4326),
        ("f-r", "attributes", None),
    ]
    geometries = [tuple(r.values()) for r in package.tables["gpkg_geometry_columns"]]
    assert geometries == [
        ("f-gps", "geom", "POINT", 4326, 2, 0),
        ("f-đường", "geom", "LINESTRING", 4326, 2, 0),
    ]
    extents = [
        tuple(r[f"{e}_{a}"] for e in ("min", "max") for a in "xy")
        for r in package.tables["gpkg_contents"]
    ]
    assert extents == [(105.5, 20, 106.3, 20.7), (106, 20, 107, 21), (None,) * 4]


def test_every_row_is_there_with_its_place_or_without(tmp_path):
    package = write(DATASET, tmp_path)

    places = [row["geom"] and read_geometry(row["geom"]) for row in package.tables["f-gps"]]
    lines = [row["geom"] and read_geometry(row["geom"]) for row in package.tables["f-đường"]]
    assert places == [
        {"type": "Point", "coordinates": [106.3, 20.7, 5.1]},
        None,
        {"type": "Point", "coordinates": [105.5, 20]},
    ]
    assert lines == [
        {"type": "LineString", "coordinates": [[106, 20, 1], [107, 21, 2]]},
        None,
        None,
    ]
    assert package.tables["f-r"] == [
        {"fid": 1, "x": "a", "PARENT_KEY": "uuid:1", "KEY": "uuid:1/r[1]"}
    ]


def test_columns_have_types_and_what_does_not_fit_stands_beside(tmp_path):
    package = write(DATASET, tmp_path)

    types, rows = package.types["f-gps"], package.tables["f-gps"]
    assert {n: types[n] for n in ("SubmissionDate", "gps-Latitude", "n", "w", "day", "KEY")} == {
        "SubmissionDate": "DATETIME",
        "gps-Latitude": "DOUBLE",
        "n": "INTEGER",
        "w": "DOUBLE",
        "day": "DATE",
        "KEY": "TEXT",
    }
    assert {n for n in types if n.endswith("__text")} == {
        "gps-Longitude__text", "w__text", "day__text", "n__text"
    }  # fmt: skip
    assert [rows[0][n] for n in ("SubmissionDate", "n", "w", "day", "w__text")] == [
        "2026-11-24T03:00:00.250Z", 7, 7.5, "2026-11-24", None
    ]  # fmt: skip
    assert [rows[1][n] for n in ("w", "w__text", "day", "day__text", "gps-Longitude__text")] == [
        None, "1234567890123456789", None, "2026-02-30", "x"
    ]  # fmt: skip
    assert [row["n__text"] for row in rows] == [None, None, "007"]


ANSWERS = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.from_regex(
        r"-?[0-9]{1,20}(\.[0-9]{1,20})?|20[0-9]{2}-[01][0-9]-[0-3][0-9]", fullmatch=True
    )
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(ANSWERS, ANSWERS, ANSWERS, ANSWERS)))
def test_every_answer_is_there_as_a_value_or_as_it_was_sent(answers):
    types = ("int", "decimal", "date", "string")
    head = TableHead("", tuple(question(type_, type_) for type_ in types))
    with tempfile.TemporaryDirectory() as folder:
        rows = write(Tables((head, answers or [(None,) * 4])), Path(folder)).tables["f"]

    for sent, row in zip(answers or [(None,) * 4], rows, strict=True):
        for type_, answer in zip(types, sent, strict=True):
            value, text = row[type_], row.get(f"{type_}__text")
            assert text in (None, answer)
            if text is None and isinstance(value, float):
                assert f"{value:.15g}" == f"{float(answer):.15g}"
                assert len(re.sub(r"[-.]", "", answer).strip("0")) <= 15
            elif text is None:
                assert value == (int(answer) if isinstance(value, int) else answer)
            else:
                assert value is None


def test_names_that_sqlite_would_confuse_are_kept_apart(tmp_path):
    names = ("a", "A", "fid", "geom", 'say "x"', "n", "n__text")
    head = TableHead("", tuple(question(n, "int" if n == "n" else "string") for n in names))
    repeats = [TableHead(name, (question("x"),)) for name in ("R", "r")]
    dataset = Tables(
        (head, [("1", "2", "3", "4", "5", "007", "7")]), *((r, [("x",)]) for r in repeats)
    )

    package = write(dataset, tmp_path)

    assert list(package.tables["f"][0].values()) == [1, "1", "2", "3", "4", "5", None, "7", "007"]
    assert list(package.types["f"])[1:] == [
        "a", "A~2", "fid~2", "geom~2", 'say "x"', "n", "n__text", "n__text~2"
    ]  # fmt: skip
    assert {"f-R", "f-r~2"} <= set(package.tables)


def test_a_table_wider_than_sqlite_takes_goes_on_in_others(tmp_path):
    names = [f"q{i}" for i in range(2 * gpkg.MAX_COLUMNS + 10)]
    types = ["string" if i % 100 else "int" for i in range(len(names))]
    head = TableHead("", (*point("p"), *map(question, names, types)))
    rows = [("1", "2", None, None, *(f"0{name}" for name in names))] * 3

    package = write(Tables((head, rows)), tmp_path)

    parts = [package.tables[name] for name in ("f-p", "f-p~2", "f-p~3")]
    joined = [{k: v for row in same for k, v in row.items()} for same in zip(*parts, strict=True)]
    assert [row["fid"] for row in joined] == [1, 2, 3]
    assert all(row[n] or row[f"{n}__text"] == f"0{n}" for row in joined for n in names)
    kinds = {r["table_name"]: r["data_type"] for r in package.tables["gpkg_contents"]}
    assert kinds == {"f-p": "features", "f-p~2": "attributes", "f-p~3": "attributes"}


def test_no_rows_are_a_valid_package(tmp_path):
    package = write(Tables((HEAD, []), (REPEAT, [])), tmp_path)

    assert package.tables["f-gps"] == package.tables["f-r"] == []
    assert package.faults == "ok"


def test_the_same_rows_twice_are_the_same_bytes(tmp_path):
    written = []
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        [path] = gpkg.write(DATASET, tmp_path / name)
        written.append(path.read_bytes())

    assert written[0] == written[1]
