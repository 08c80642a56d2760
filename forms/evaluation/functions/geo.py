"""Areas, distances and what lies within, on the globe that JavaRosa has (its GeoUtils)."""

from __future__ import annotations

import math
from itertools import pairwise

from forms.errors import NotEvaluated

from ..points import Point, parse_point, parse_points
from ..values import Value, item_values, require_nodes, to_text
from .kinds import Function, Plain

_RADIUS = 6_378_100.0
_CIRCUMFERENCE = 2 * _RADIUS * math.pi


def _area(nodes: Value) -> float:
    """Square metres within a shape, or within the points of several nodes."""
    points = _points(nodes)
    if len(points) < 3:
        return 0.0
    first = points[0]
    flat = [_flatten(first, point) for point in points[1:]]
    return abs(sum((y1 * x2 - x1 * y2) / 2 for (x1, y1), (x2, y2) in pairwise(flat)))


def _flatten(origin: Point, point: Point) -> tuple[float, float]:
    if not math.isfinite(point[0]):
        return math.nan, math.nan
    across = (point[1] - origin[1]) * _CIRCUMFERENCE * math.cos(math.radians(point[0])) / 360.0
    return across, (point[0] - origin[0]) * _CIRCUMFERENCE / 360.0


def _distance(*values: Value) -> float:
    """Metres along a line, or from point to point."""
    if len(values) == 1:
        only = values[0]
        points = _points(only) if isinstance(only, list) else _shape(_text(only))
    else:
        points = [_point(to_text(value)) for value in values]
    return float(sum(_between(a, b) for a, b in pairwise(points)))


def _between(start: Point, end: Point) -> float:
    """By the spherical law of cosines; of the same point Java may get NaN or nearly 0."""
    if not all(map(math.isfinite, (*start, *end))):
        return math.nan
    difference = math.radians(start[1] - end[1])
    first, second = math.radians(start[0]), math.radians(end[0])
    cosine = math.sin(first) * math.sin(second)
    cosine += math.cos(first) * math.cos(second) * math.cos(difference)
    return math.acos(cosine) * _RADIUS if -1 <= cosine <= 1 else math.nan


def _geofence(point: Value, shape: Value) -> bool:
    latitude, longitude, *_ = _point(to_text(point))
    inside = False
    for start, end in pairwise(_points(shape)):
        if (end[0] > latitude) != (start[0] > latitude):
            slope = (start[1] - end[1]) * (latitude - end[0]) / (start[0] - end[0])
            inside ^= longitude < slope + end[1]
    return inside


def _intersects(line: Value) -> bool:
    """True if a line or shape crosses, touches or folds back on itself, but where it closes.

    Collect's own (its shared/geometry; older versions look less closely). What cannot be read
    crosses nothing.
    """
    points = [point[:2] for point in parse_points(to_text(line)) or ()]
    segments = [(a, b) for a, b in pairwise(points) if a != b]
    is_closed = len(points) > 3 and points[0] == points[-1]
    for i, one in enumerate(segments):
        if i + 1 < len(segments) and _folds(*one, segments[i + 1][1]):
            return True
        end = len(segments) - (1 if is_closed and i == 0 else 0)
        if any(_cross(*one, *segments[j]) for j in range(i + 2, end)):
            return True
    return False


def _folds(a: Point, b: Point, c: Point) -> bool:
    """True if b–c goes back along a–b."""
    return _side(a, b, c) == 0 and (_is_within(a, b, c) or _is_within(b, c, a))


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    sides = (_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b))
    if sides[0] != sides[1] and sides[2] != sides[3]:
        return True
    ends = zip(sides, ((a, b, c), (a, b, d), (c, d, a), (c, d, b)), strict=True)
    return any(side == 0 and _is_within(*points) for side, points in ends)


def _side(a: Point, b: Point, c: Point) -> int:
    turn = (b[1] - a[1]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[1] - a[1])
    return (turn > 0) - (turn < 0)


def _is_within(a: Point, b: Point, c: Point) -> bool:
    return all(min(a[i], b[i]) <= c[i] <= max(a[i], b[i]) for i in (0, 1))


def _points(nodes: Value) -> list[Point]:
    values = item_values(require_nodes(nodes))
    if len(values) == 1:
        return _shape(to_text(values[0]))
    return [_point(to_text(value)) for value in values]


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise NotEvaluated("a line is needed")
    return value


def _point(text: str) -> Point:
    point = parse_point(text)
    if point is None:
        raise NotEvaluated(f"«{text}» is no point")
    return point


def _shape(text: str) -> list[Point]:
    points = parse_points(text)
    if points is None:
        raise NotEvaluated(f"«{text}» is no line")
    return points


FUNCTIONS: dict[str, Function] = {
    "area": Plain(_area, 1),
    "distance": Plain(_distance, 1, None),
    "enclosed-area": Plain(_area, 1),
    "geofence": Plain(_geofence, 2),
    "intersects": Plain(_intersects, 1),
}
