"""S6: a household that was registered withdraws its consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from server.demo.scenarios.settings import Person, Setting, filled
from server.demo.steps import Step, Withdrawal

_SURVEYED_ON = date(2026, 9, 12)
_VILLAGE_OF = "12505"
_CHILDREN = (
    Person("Ngô Tuệ Khuê", "2", date(2015, 2, 3)),
    Person("Ngô Đăng Nguyên", "1", date(2019, 6, 24)),
)


def steps(setting: Setting) -> Iterator[Step]:
    surveyed = setting.survey(setting.village(_VILLAGE_OF), _SURVEYED_ON, _CHILDREN)
    yield filled(surveyed)
    yield Withdrawal(surveyed.household.uid)
