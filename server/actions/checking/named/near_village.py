"""V15: the point lies in the province's box, and near the others of its village (domain.md §3.7).

The first slips of a village say where it is: the median of their points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import asin, cos, isfinite, radians, sin, sqrt
from statistics import median

from forms.checking import DeclaredCheck, Finding
from server.actions.checking.asked import Asked, Key
from server.actions.checking.named.kinds import Named, Other, found

KM = 5.0
FEWEST = 5
"""Fewer points tell nothing of where a village is."""
_EARTH_KM = 6371.0


def find(asked: Asked) -> Iterator[Finding]:
    """Outside `south`, `north`, `west`, `east`, in degrees."""
    limits = asked.declared.parameters
    for node in asked.nodes:
        place = _read_point(node.text)
        if place is None:
            continue
        latitude, longitude = place
        is_inside = _is_between(latitude, limits.get("south"), limits.get("north"))
        if not (is_inside and _is_between(longitude, limits.get("west"), limits.get("east"))):
            yield found(asked.declared, node.path, node.text, outside="province")


def keys(asked: Asked) -> Iterator[Key]:
    """`village` names its question."""
    for node in asked.nodes:
        place = _read_point(node.text)
        village = asked.answer(asked.parameter("village"), node)
        if place is not None and village:
            yield Key(
                asked.declared.id,
                asked.seal(village),
                node.path,
                value=node.text,
                latitude=place[0],
                longitude=place[1],
            )


def compare(declared: DeclaredCheck, key: Key, others: Sequence[Other]) -> Finding | None:
    """`km` is how far from the middle of the village a household may be."""
    if len(others) < FEWEST:
        return None
    middle = median(o.latitude or 0.0 for o in others), median(o.longitude or 0.0 for o in others)
    distance = distance_km((key.latitude or 0.0, key.longitude or 0.0), middle)
    if distance <= float(declared.parameters.get("km") or KM):
        return None
    return found(declared, key.path, key.value, outside="village", km=round(distance, 1))


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Along the great circle; points are (latitude, longitude) in degrees."""
    latitude, longitude = radians(b[0] - a[0]), radians(b[1] - a[1])
    chord = sin(latitude / 2) ** 2
    chord += cos(radians(a[0])) * cos(radians(b[0])) * sin(longitude / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


def _is_between(value: float, low: str | None, high: str | None) -> bool:
    return (not low or value >= float(low)) and (not high or value <= float(high))


def _read_point(text: str) -> tuple[float, float] | None:
    try:
        latitude, longitude, *_ = map(float, text.split())
    except ValueError:
        return None
    return (latitude, longitude) if isfinite(latitude) and isfinite(longitude) else None


CHECK = Named(find=find, keys=keys, compare=compare)
