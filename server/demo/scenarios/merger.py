"""S3: slips of June 2025, filled offline with the old communes' codes, that come in on 3 July."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from server.demo.scenarios.settings import Person, Setting, filled
from server.demo.steps import Step, VillageList
from server.demo.visits import VIETNAM

_FILLED_ON = date(2025, 6, 27)
_ARRIVED_AT = datetime(2025, 7, 3, 8, 15, tzinfo=VIETNAM)
_QUYNH_COI, _QUYNH_HONG = "12472", "12505"
_CHILDREN = {
    _QUYNH_COI: Person("Phạm Gia Khôi", "1", date(2017, 3, 22)),
    _QUYNH_HONG: Person("Vũ Ngọc Diệp", "2", date(2019, 10, 5)),
}


def steps(setting: Setting) -> Iterator[Step]:
    """Both communes went wholly into Xã Quỳnh Phụ, which has the code of one of them."""
    yield VillageList("villages.csv", setting.village_list())
    for commune_code, child in _CHILDREN.items():
        village = setting.village(commune_code)
        surveyed = setting.survey(village, _FILLED_ON, [child], commune_code=commune_code)
        yield filled(surveyed, arrived_at=_ARRIVED_AT)
