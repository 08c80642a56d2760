"""GeoJSON (RFC 7946): a file for every geo question, a feature for every row that has a geometry.

Its properties are the row's other columns, with a trace's or shape's own text: the accuracy of its
points is nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

import polars as pl

from exports.geometries import GeoField, Positions, geo_fields, geometries, layer_name
from exports.names import unique_file_name
from exports.tables import Column, Dataset, Table, TableHead
from exports.values import is_exact_number

_BEGIN = '{"type":"FeatureCollection","features":['
_END = "\n]}\n"


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """`{form}-{question}.geojson`, `{form}-{repeat}-{question}.geojson`; rows pass once.

    A form without a geo question gives one collection of nothing, `{form}.geojson`.
    """
    layers = list(_layers(dataset, folder))
    paths = [layer.path for layer in chain.from_iterable(layers)]
    for batch in dataset.batches() if paths else ():
        for own, table in zip(layers, batch, strict=True):
            for layer in own:
                layer.add(table)
    paths = paths or [folder / unique_file_name(f"{dataset.name}.geojson", set())]
    for path in paths:
        _append(path, _END if path.exists() else _BEGIN + _END)
    return paths


def _layers(dataset: Dataset, folder: Path) -> Iterator[list[_Layer]]:
    """Those of each table."""
    taken: set[str] = set()
    for head in dataset.heads:
        fields = geo_fields(head)
        names = [f"{layer_name(dataset.name, head, field)}.geojson" for field in fields]
        paths = [folder / unique_file_name(name, taken) for name in names]
        yield [_Layer.begin(p, f, head) for p, f in zip(paths, fields, strict=True)]


@dataclass(slots=True)
class _Layer:
    """One file on the way."""

    path: Path
    field: GeoField
    parts: list[pl.Expr]
    separator: str = "\n"

    @classmethod
    def begin(cls, path: Path, field: GeoField, head: TableHead) -> _Layer:
        path.write_text(_BEGIN)
        return cls(path, field, _feature(head, field))

    def add(self, table: Table) -> None:
        texts = [
            None if positions is None else _coordinates(self.field.kind, positions)
            for positions in geometries(table.frame, self.field)
        ]
        features = (
            table.frame.lazy()
            .with_columns(pl.Series(_GEOMETRY, texts, dtype=pl.String))
            .filter(pl.col(_GEOMETRY).is_not_null())
            .select(pl.concat_str(self.parts))
            .collect()
            .to_series()
        )
        if features.len():
            _append(self.path, self.separator + features.str.join(",\n").item())
            self.separator = ",\n"


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text)


_GEOMETRY = "\0geometry"  # no heading has such a name


def _coordinates(kind: str, positions: Positions) -> str:
    nested = {"Point": positions[0], "LineString": positions, "Polygon": [positions]}[kind]
    return json.dumps(nested, separators=(",", ":"))


def _feature(head: TableHead, field: GeoField) -> list[pl.Expr]:
    """What makes the text of a feature, in its order."""
    placed = field.columns[:2] if field.kind == "Point" else ()
    id_ = [pl.lit(',"id":'), *(_json(pl.col(c.heading)) for c in head.columns if _is_key(c))]
    parts = [pl.lit('{"type":"Feature"'), *(id_ if len(id_) > 1 else ())]
    parts += [pl.lit(f',"geometry":{{"type":"{field.kind}","coordinates":'), pl.col(_GEOMETRY)]
    parts.append(pl.lit('},"properties":{'))
    others = [column for column in head.columns if column not in placed]
    for i, run in enumerate(_runs(others)):
        parts += [pl.lit(","), run] if i else [run]
    return [*parts, pl.lit("}}")]


def _runs(columns: Sequence[Column]) -> Iterator[pl.Expr]:
    """Names and values: of numbers one by one, of the columns between them at once."""
    for is_number, run in groupby(columns, lambda column: column.type in ("int", "decimal")):
        if is_number:
            for column in run:
                text = pl.col(column.heading)
                named = pl.lit(json.dumps(column.heading, ensure_ascii=False) + ":")
                yield named + pl.when(is_exact_number(text)).then(text).otherwise(_json(text))
        else:
            yield _inner(pl.struct(pl.col(column.heading) for column in run))


def _is_key(column: Column) -> bool:
    return not column.path and column.id in ("KEY", "__KEY")


def _json(text: pl.Expr) -> pl.Expr:
    return _inner(pl.struct(text.alias("x"))).str.strip_prefix('"x":')


def _inner(struct: pl.Expr) -> pl.Expr:
    """The members of an object, without its braces."""
    return struct.struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")
