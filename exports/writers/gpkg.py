"""GeoPackage: one file, a layer for every geo question, a table of attributes where there is none.

A layer has every row of its table; where there is no geometry, it is null. Numbers, days and
moments are in columns of their type where nothing is lost by it; an answer that does not fit stands
as it was sent in a column of text, `{heading}__text`, which is there if any does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import polars as pl

from exports.geometries import GeoField, Positions, geo_fields, geometries, layer_name
from exports.names import file_name
from exports.tables import Column, Dataset, Table, TableHead
from exports.writers.gpkg_schema import (
    GEOMETRY,
    create_layer,
    create_package,
    quoted,
    set_extent,
)
from exports.writers.gpkg_values import extent, geometry_blob, typed

MAX_COLUMNS = 900  # SQLite has 2,000, and each may get one of text
_PAGES = 4096


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """`{form}.gpkg`; all rows pass once.

    A table wider than MAX_COLUMNS goes on in tables of attributes whose `fid` is the same.
    """
    path = folder / f"{file_name(dataset.name)}.gpkg"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA page_size = {_PAGES}")
        database.execute("PRAGMA journal_mode = OFF")  # a half-written file is thrown away whole
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        create_package(database)
        layers = [list(of_head) for of_head in _layers(dataset, database)]
        for batch in dataset.batches():
            for own, table in zip(layers, batch, strict=True):
                for layer in own:
                    layer.add(table)
        for layer in chain.from_iterable(layers):
            layer.finish()
        database.execute("COMMIT")
    return [path]


def _layers(dataset: Dataset, database: sqlite3.Connection) -> Iterator[Iterator[_Layer]]:
    """Those of each table."""
    taken: set[str] = set()

    def of_head(head: TableHead) -> Iterator[_Layer]:
        columns = _column_names(head)
        layers: list[GeoField | None] = [*geo_fields(head)]
        for geo in layers or [None]:
            name = layer_name(dataset.name, head, geo)
            for at in range(0, len(columns), MAX_COLUMNS):
                part, own = columns[at : at + MAX_COLUMNS], _unique(_allowed(name), taken)
                layer = _Layer(database, own, part, dataset, geo if at == 0 else None)
                create_layer(database, own, [(c.name, c.column) for c in part], layer.kind)
                yield layer

    for head in dataset.heads:
        yield of_head(head)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column, and what it and its text are called in the file."""

    column: Column
    name: str
    name_of_text: str


@dataclass(slots=True)
class _Layer:
    """One table of the file."""

    database: sqlite3.Connection
    name: str
    columns: Sequence[_Column]
    dataset: Dataset
    geo: GeoField | None
    texts: dict[str, _Column] = field(default_factory=dict)
    corners: list[tuple[float, float]] = field(default_factory=list)

    @property
    def kind(self) -> str | None:
        return self.geo.kind if self.geo else None

    def add(self, table: Table) -> None:
        values = table.frame.select(
            typed(c.column, self.dataset.tz).alias(c.name) for c in self.columns
        )
        values = values.with_columns(self._texts(table.frame, values))
        if self.geo:
            values.insert_column(0, self._blobs(geometries(table.frame, self.geo), self.geo.kind))
        into = ", ".join(map(quoted, values.columns))
        marks = ", ".join("?" * values.width)
        statement = f"INSERT INTO {quoted(self.name)} ({into}) VALUES ({marks})"  # noqa: S608
        self.database.executemany(statement, values.iter_rows())

    def finish(self) -> None:
        if self.corners:
            set_extent(self.database, self.name, *extent(self.corners))

    def _texts(self, frame: pl.DataFrame, values: pl.DataFrame) -> list[pl.Series]:
        """The answers that do not fit; the column that a first one needs is made."""
        for c in self.columns:
            lost = values.get_column(c.name).null_count()
            if lost > frame.get_column(c.column.heading).null_count():
                self._add_text(c)
        return [_unfit(c, frame, values) for c in self.texts.values()]

    def _add_text(self, c: _Column) -> None:
        if c.name_of_text in self.texts:
            return
        self.texts[c.name_of_text] = c
        self.database.execute(
            f"ALTER TABLE {quoted(self.name)} ADD COLUMN {quoted(c.name_of_text)} TEXT"
        )

    def _blobs(self, found: Sequence[Positions | None], kind: str) -> pl.Series:
        places = [place for positions in found if positions for place in positions]
        if places:
            self.corners = list(extent([*self.corners, *places]))
        blobs = [None if p is None else geometry_blob(kind, p) for p in found]
        return pl.Series(GEOMETRY, blobs, dtype=pl.Binary)


def _unfit(column: _Column, frame: pl.DataFrame, values: pl.DataFrame) -> pl.Series:
    text = frame.get_column(column.column.heading)
    is_unfit = values.get_column(column.name).is_null()
    return text.set(~is_unfit, None).alias(column.name_of_text)


def _column_names(head: TableHead) -> list[_Column]:
    """Names that differ also to SQLite, which knows no case."""
    taken = {"fid", GEOMETRY}
    names = [_unique(column.heading, taken) for column in head.columns]
    texts = [_unique(f"{name}__text", taken) for name in names]
    return [_Column(*c) for c in zip(head.columns, names, texts, strict=True)]


def _allowed(name: str) -> str:
    return f"_{name}" if name.lower().startswith(("gpkg_", "rtree_", "sqlite_")) else name


def _unique(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name.lower() in taken:
        count += 1
        name = f"{wanted}~{count}"
    taken.add(name.lower())
    return name
