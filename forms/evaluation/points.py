"""Points, lines and shapes as JavaRosa reads and prints them (its GeoPointData, GeoShapeData)."""

from __future__ import annotations

import math

from .numbers import format_double, parse_double

Point = tuple[float, ...]
"""Latitude, longitude, altitude, accuracy: always all four."""


def parse_point(text: str) -> Point | None:
    parts = [parse_double(part) for part in text.split(" ") if part]
    if len(parts) > 4 or any(map(math.isnan, parts)):
        return None
    return (*parts, *[0.0] * (4 - len(parts)))


def parse_points(text: str) -> list[Point] | None:
    """The points of a line or shape; None where one of them is none."""
    parts = text.split(";")
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    points = [parse_point(part.strip()) for part in parts]
    found = [point for point in points if point is not None]
    return found if len(found) == len(points) else None


def format_point(point: Point) -> str:
    """Nothing at all for a point whose parts are all 0."""
    return " ".join(map(format_double, point)) if any(point) else ""


def format_points(points: list[Point]) -> str:
    return "; ".join(map(format_point, points))
