"""S8: one child in two households, written Hoà and Hòa: for a person to merge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from server.demo.scenarios.settings import Person, Setting, filled
from server.demo.steps import Step

_BORN = date(2016, 11, 2)
_SEEN = (
    ("12529", date(2026, 9, 14), Person("Trần Thị Hoà", "2", _BORN)),
    ("12535", date(2026, 9, 21), Person("Trần Thị Hòa", "2", _BORN)),
)
"""In two villages of Quỳnh Phụ: with the parents, and with the mother's kin."""


def steps(setting: Setting) -> Iterator[Step]:
    for legacy_commune_code, day, child in _SEEN:
        yield filled(setting.survey(setting.village(legacy_commune_code), day, [child]))
