"""S4: of two neighbouring villages of Ngọc Thanh one goes to Phường Sơn Nam, one to Hiệp Cường."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from server.demo.scenarios.settings import Person, Setting, filled
from server.demo.steps import Step, VillageList
from server.demo.villages import Village
from server.demo.visits import VIETNAM

_FILLED_ON = date(2025, 6, 20)
_ARRIVED_AT = datetime(2025, 6, 20, 19, 40, tzinfo=VIETNAM)
_NGOC_THANH, _SON_NAM = "12322", "11983"
TO_SON_NAM = Village("V990001", "Thôn Xuân Trung (cũ: Ngọc Thanh)", _SON_NAM, _NGOC_THANH)
_FIRST = Person("Đào Thanh Thảo", "2", date(2016, 8, 14))
_SECOND = Person("Đào Quang Huy", "1", date(2018, 1, 30))


def steps(setting: Setting) -> Iterator[Step]:
    yield VillageList("villages.csv", setting.village_list(TO_SON_NAM))
    for village, child in ((TO_SON_NAM, _FIRST), (setting.village(_NGOC_THANH), _SECOND)):
        surveyed = setting.survey(village, _FILLED_ON, [child], commune_code=_NGOC_THANH)
        yield filled(surveyed, arrived_at=_ARRIVED_AT)
