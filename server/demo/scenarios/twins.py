"""S7: twins whose names are almost the same: two children, whatever a machine thinks of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from server.demo.scenarios.settings import Person, Setting, filled
from server.demo.steps import Step

_SURVEYED_ON = date(2026, 9, 19)
_VILLAGE_OF = "12520"
_BORN = date(2018, 3, 7)
_TWINS = (Person("Bùi Minh An", "1", _BORN), Person("Bùi Minh Ân", "1", _BORN))


def steps(setting: Setting) -> Iterator[Step]:
    yield filled(setting.survey(setting.village(_VILLAGE_OF), _SURVEYED_ON, _TWINS))
