"""S5: a child with an open case moves to another commune with its household."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from server.demo import followups, reports
from server.demo.life import registered_children
from server.demo.scenarios.settings import Person, Setting, filled
from server.demo.sittings import make_officer
from server.demo.steps import Filled, Move, Step

_SURVEYED_ON, _REPORTED_ON = date(2026, 9, 5), date(2026, 10, 1)
_FROM, _TO = "12505", "12301"
"""Quỳnh Hồng and Song Mai, now in Quỳnh Phụ and in Hiệp Cường."""
_CHILD = Person("Lê Bảo Châu", "2", date(2014, 5, 19))


def steps(setting: Setting) -> Iterator[Step]:
    sources, here, there = setting.sources, setting.village(_FROM), setting.village(_TO)
    surveyed = setting.survey(here, _SURVEYED_ON, [_CHILD])
    home, officer = setting.register(surveyed), make_officer(here, seed=setting.seed)
    (child,) = registered_children(home)
    yield filled(surveyed)

    case, xml = reports.draw_report(
        sources.rng,
        sources.ids,
        officer,
        _REPORTED_ON,
        village_code=here.code,
        registered=child,
        version=setting.versions[reports.XML_FORM_ID],
        wanted=reports.Wanted(is_emergency=False),
    )
    yield Filled(reports.XML_FORM_ID, xml, officer.commune_code)

    approved = _REPORTED_ON + timedelta(days=4)
    xml = followups.draw_followup(
        sources.rng,
        sources.ids,
        followups.of_case(case, approved),
        approved + timedelta(days=1),
        number=1,
        version=setting.versions[followups.XML_FORM_ID],
    )
    yield Filled(followups.XML_FORM_ID, xml, officer.commune_code)

    for entity_list, known in (("household", home.entity), ("child", child.known)):
        yield Move(entity_list, known.id, known.version, there.code, there.commune_code)
