"""The tables that make an SQLite file a GeoPackage (OGC 12-128r18, 1.3), and those of a layer."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from exports.tables import Column

GEOMETRY = "geom"
WGS84 = 4326
_APPLICATION, _VERSION = 0x47504B47, 10300  # "GPKG", 1.3
_EPOCH = "2000-01-01T00:00:00.000Z"  # instead of the clock: same scope, same bytes
_TYPES = {"int": "INTEGER", "decimal": "DOUBLE", "date": "DATE", "dateTime": "DATETIME"}
_WGS84_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],'
    'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
_SYSTEMS = (
    ("Undefined cartesian SRS", -1, "NONE", -1, "undefined"),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
    ("WGS 84 geodetic", WGS84, "EPSG", WGS84, _WGS84_WKT),
)
_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
"""


def create_package(database: sqlite3.Connection) -> None:
    database.execute(f"PRAGMA application_id = {_APPLICATION}")
    database.execute(f"PRAGMA user_version = {_VERSION}")
    for statement in _TABLES.split(";"):
        database.execute(statement)
    database.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)", _SYSTEMS)


def create_layer(
    database: sqlite3.Connection,
    name: str,
    columns: Sequence[tuple[str, Column]],
    kind: str | None,
) -> None:
    """A table of features if `kind` says which geometry they have, else of attributes."""
    declared = [f"{quoted(own)} {_TYPES.get(column.type, 'TEXT')}" for own, column in columns]
    if kind:
        declared.insert(0, f"{GEOMETRY} {kind.upper()}")
    first = "fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    database.execute(f"CREATE TABLE {quoted(name)} ({', '.join([first, *declared])})")
    data_type, system = ("features", WGS84) if kind else ("attributes", None)
    contents = (name, data_type, name, _EPOCH, system)
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id)"
        " VALUES (?, ?, ?, ?, ?)",
        contents,
    )
    if kind:
        geometry = (name, GEOMETRY, kind.upper(), WGS84)
        either = 2  # with an altitude or without
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, 0)", (*geometry, either)
        )


def set_extent(
    database: sqlite3.Connection, name: str, least: tuple[float, float], most: tuple[float, float]
) -> None:
    database.execute(
        "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
        (*least, *most, name),
    )


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
