"""How an answer stands in a GeoPackage: of its column's type where that is exact, else null."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from itertools import chain
from struct import pack

import polars as pl

from exports.geometries import Positions
from exports.tables import Column
from exports.values import is_exact_number, value_of
from exports.writers.gpkg_schema import WGS84

_LITTLE, _ENVELOPE = 1, 2
_TYPES = {"Point": 1, "LineString": 2, "Polygon": 3}
_OF_ALTITUDES = 1000


def typed(column: Column, tz: tzinfo) -> pl.Expr:
    """The value; a moment is in UTC, to the millisecond, as the format wants it."""
    text = pl.col(column.heading)
    match column.type:
        case "int":
            return value_of(text, "int", tz)
        case "decimal":
            return pl.when(is_exact_number(text)).then(value_of(text, "decimal", tz))
        case "date":
            return pl.when(value_of(text, "date", tz).is_not_null()).then(text)
        case "dateTime":
            moment = value_of(text, "dateTime", tz)
            whole = pl.when(moment == moment.dt.truncate("1ms")).then(moment)
            return whole.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    return text


def geometry_blob(kind: str, positions: Positions) -> bytes:
    """The geometry as GeoPackageBinary: a header, for lines and rings their extent, ISO WKB."""
    width = len(positions[0])
    type_ = _TYPES[kind] + (_OF_ALTITUDES if width == 3 else 0)
    numbers = pack(f"<{width * len(positions)}d", *chain.from_iterable(positions))
    if kind == "Point":
        return pack("<2sBBiBI", b"GP", 0, _LITTLE, WGS84, 1, type_) + numbers
    (left, bottom), (right, top) = extent(positions)
    rings = (1,) if kind == "Polygon" else ()
    counts = pack(f"<{len(rings) + 1}I", *rings, len(positions))
    box = (left, right, bottom, top)
    head = pack("<2sBBi4dBI", b"GP", 0, _LITTLE | _ENVELOPE, WGS84, *box, 1, type_)
    return head + counts + numbers


def extent(positions: Sequence[Sequence[float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The least longitude and latitude, and the greatest."""
    xs, ys = [p[0] for p in positions], [p[1] for p in positions]
    return (min(xs), min(ys)), (max(xs), max(ys))
