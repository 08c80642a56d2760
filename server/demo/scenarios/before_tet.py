"""S2: an emergency of which the commune hears at 23:30 on the last Friday before Tết."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from server.demo.reports import XML_FORM_ID, Wanted, draw_report
from server.demo.scenarios.settings import Setting
from server.demo.sittings import make_officer
from server.demo.steps import Filled, Step
from server.demo.visits import VIETNAM

_QUYNH_HONG = "12505"
RECEIVED = datetime(2026, 2, 13, 23, 30, tzinfo=VIETNAM)
"""Tết Bính Ngọ begins on Tuesday, 17 February 2026."""
_SENT_AFTER = timedelta(minutes=2)


def steps(setting: Setting) -> Iterator[Step]:
    village = setting.village(_QUYNH_HONG)
    officer = make_officer(village, seed=setting.seed)
    case, xml = draw_report(
        setting.sources.rng,
        setting.sources.ids,
        officer,
        RECEIVED.date(),
        village_code=village.code,
        registered=None,
        version=setting.versions[XML_FORM_ID],
        wanted=Wanted(received=RECEIVED, is_emergency=True, is_waiting=True),
    )
    arrived_at = case.finished + _SENT_AFTER
    yield Filled(XML_FORM_ID, xml, officer.commune_code, arrived_at=arrived_at)
