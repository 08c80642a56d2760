"""Answers to geo questions as geometries: WGS 84, longitude before latitude.

What is no place, line or ring on Earth has no geometry; the text stays in its column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from exports.tables import Column, TableHead

Position = tuple[float, ...]
"""Longitude, latitude, and the altitude if there is one."""
Positions = Sequence[Position]
"""One for a point; a ring ends where it begins and turns to the left, as RFC 7946 wants."""

_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"  # phones write 1.0E-4 too
_is_number = re.compile(_NUMBER).fullmatch
_KINDS = {"geotrace": "LineString", "geoshape": "Polygon"}


@dataclass(frozen=True, slots=True)
class GeoField:
    """A geo question of a table: its name for programs, Point, LineString or Polygon, its columns.

    A point's are those of its latitude, its longitude and, if the table has it, its altitude.
    """

    id: str
    kind: str
    columns: tuple[Column, ...]


def geo_fields(head: TableHead) -> list[GeoField]:
    """The table's geo questions, in its order."""
    points: dict[str, dict[str, Column]] = {}
    for column in head.columns:
        if column.part:
            points.setdefault(column.path, {}).setdefault(column.part, column)
    fields = []
    for column in head.columns:
        if column.type in _KINDS:
            fields.append(GeoField(column.id, _KINDS[column.type], (column,)))
        elif column.part == "Latitude" and "Longitude" in (parts := points[column.path]):
            own = [parts[p] for p in ("Latitude", "Longitude", "Altitude") if p in parts]
            fields.append(GeoField("".join(column.id.rsplit("-Latitude", 1)), "Point", tuple(own)))
    return fields


def layer_name(form: str, head: TableHead, field: GeoField | None = None) -> str:
    """`{form}-{repeat}-{question}` without what there is not."""
    parts = (form, head.name, field.id if field else "")
    return "-".join(part for part in parts if part)


def geometries(frame: pl.DataFrame, field: GeoField) -> list[Positions | None]:
    """The field's geometry in each row."""
    headings = [column.heading for column in field.columns]
    if field.kind == "Point":
        return _points(frame.select(_number(pl.col(heading)) for heading in headings))
    find = _line if field.kind == "LineString" else _ring
    texts: Iterable[str | None] = frame.get_column(headings[0])
    return [None if text is None else find(text) for text in texts]


def _number(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(f"^{_NUMBER}$")).then(text).cast(pl.Float64, strict=False)


def _points(numbers: pl.DataFrame) -> list[Positions | None]:
    places = (_position(*row) for row in numbers.iter_rows())
    return [None if place is None else (place,) for place in places]


def _position(
    latitude: float | None, longitude: float | None, altitude: float | None = None
) -> Position | None:
    if latitude is None or longitude is None:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    if altitude is None or not math.isfinite(altitude):
        return (longitude, latitude)
    return (longitude, latitude, altitude)


def _line(text: str) -> Positions | None:
    places = [_parse_position(point) for point in text.rstrip("; \t\r\n").split(";")]
    found = [place for place in places if place is not None]
    if len(found) != len(places) or len(found) < 2:
        return None
    return found if len({len(place) for place in found}) == 1 else [p[:2] for p in found]


def _parse_position(text: str) -> Position | None:
    """`latitude longitude [altitude [accuracy]]`."""
    parts = text.split()
    if not 2 <= len(parts) <= 4:
        return None
    return _position(*(float(p) if _is_number(p) else None for p in parts[:3]))


def _ring(text: str) -> Positions | None:
    line = _line(text)
    if line is None or len(line) < 4 or line[0][:2] != line[-1][:2]:
        return None
    ring = [*line[:-1], line[0]]  # the end may have an altitude of its own
    return ring if _turns_left(ring) else ring[::-1]


def _turns_left(ring: Positions) -> bool:
    x, y = ring[0][:2]
    sides = pairwise(ring)
    return sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in sides) >= 0
