"""S1: a month in which every village reports, and none has anything to report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from server.demo.monthlies import XML_FORM_ID, draw_monthly
from server.demo.scenarios.settings import Setting
from server.demo.steps import Filled, Step

_MONTH = date(2026, 2, 1)


def steps(setting: Setting) -> Iterator[Step]:
    for post in setting.sources.posts:
        rng = Random(f"{setting.seed}/{post.village.code}/quiet")
        xml = draw_monthly(
            rng,
            setting.sources.ids,
            post,
            _MONTH,
            births=0,
            is_quiet=True,
            version=setting.versions[XML_FORM_ID],
        )
        yield Filled(XML_FORM_ID, xml)
