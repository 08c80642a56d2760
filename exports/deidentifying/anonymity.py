"""k-anonymity over commune, sex, age and group: how to coarsen what stands out (domain.md §7.4).

A class is what rows have in common; "" is what nobody answered or what was blanked. Only numbers
of rows are needed, so that memory grows with the classes, not with the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from exports.deidentifying.ages import widened


class Class(NamedTuple):
    """What somebody who knows a person could find the row by."""

    place: str
    sex: str
    band: str
    group: str


Counts = Mapping[Class, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What each class is published as; None where its rows are left out."""

    published: Mapping[Class, Class | None]
    sizes: Mapping[Class, int]
    """Rows by published class."""


_STEPS: tuple[Callable[[Class], Class], ...] = (
    lambda c: c._replace(group=""),
    lambda c: c._replace(band=widened(c.band)),
    lambda c: c._replace(band=""),
    lambda c: c._replace(sex=""),
)


def hidden_places(tables: Iterable[Counts], least: int) -> frozenset[str]:
    """Places with fewer rows than `least` in some table, and as many more as make them enough.

    A place hidden alone could be told from the others: those without a place number `least`, or
    none.
    """
    hidden: set[str] = set()
    for counts in tables:
        hidden |= _hidden_in(counts, hidden, least)
    return frozenset(hidden - {""})


def plan(counts: Counts, hidden: frozenset[str], least: int) -> Plan:
    """Coarsen step by step those classes alone that are still too small."""
    published = {c: c._replace(place="") if c.place in hidden else c for c in counts}
    for step in _STEPS:
        sizes = _sizes(published, counts)
        published = {c: step(p) if sizes[p] < least else p for c, p in published.items()}
    published = _joined(published, counts, least)
    sizes = _sizes(published, counts)
    kept = {c: p if sizes[p] >= least else None for c, p in published.items()}
    return Plan(kept, {p: n for p, n in sizes.items() if n >= least})


def _hidden_in(counts: Counts, hidden: set[str], least: int) -> set[str]:
    totals: Counter[str] = Counter()
    for class_, number in counts.items():
        totals[class_.place] += number
    order = sorted(totals, key=lambda place: (totals[place], place))
    gone = {p for p in order if not p or p in hidden or totals[p] < least}
    for place in order:
        if not gone or sum(totals[p] for p in gone) >= least:
            break
        gone.add(place)
    return gone


def _joined(published: Mapping[Class, Class], counts: Counts, least: int) -> dict[Class, Class]:
    """What is too small although only its place is left takes in the next smallest class there."""
    sizes = _sizes(published, counts)
    moved: dict[Class, Class] = {}
    by_place: dict[str, list[Class]] = {}
    for class_ in sizes:
        by_place.setdefault(class_.place, []).append(class_)
    for place, classes in by_place.items():
        bare = Class(place, "", "", "")
        others = sorted((c for c in classes if c != bare), key=lambda c: (sizes[c], c))
        if 0 < sizes[bare] < least and others:
            moved[others[0]] = bare
    return {c: moved.get(p, p) for c, p in published.items()}


def _sizes(published: Mapping[Class, Class], counts: Counts) -> Counter[Class]:
    sizes: Counter[Class] = Counter()
    for class_, number in counts.items():
        sizes[published[class_]] += number
    return sizes
