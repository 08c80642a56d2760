"""The access log: every reading is told of, and none of them twice in a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from server.actions import readings
from server.actions.readings import log_reading
from server.auth.callers import Caller, Occasion
from server.db import db, utc_now
from server.models import Audit

READ = ("submission.read", "submission", 7)
OFFICER = Caller(1, "", Occasion(date(2026, 11, 25), "192.0.2.7", "a call of the school"))


def rows() -> list[Audit]:
    db.session.rollback()
    query = select(Audit).where(Audit.action.like("submission.%read")).order_by(Audit.id)
    return list(db.session.scalars(query))


def test_a_page_and_its_files_are_one_reading(app):
    for _ in range(5):
        log_reading(OFFICER, *READ)

    [row] = rows()
    assert (row.actor_id, row.actee_id, row.source) == (1, 7, "192.0.2.7")
    assert row.notes == "a call of the school"


@pytest.mark.parametrize(
    "other",
    [
        (replace(OFFICER, actor_id=None), *READ),
        (replace(OFFICER, occasion=replace(OFFICER.occasion, source="192.0.2.8")), *READ),
        (replace(OFFICER, occasion=replace(OFFICER.occasion, reason="another")), *READ),
        (OFFICER, "submission.quarantine.read", "submission", 7),
        (OFFICER, "submission.read", "submission", 8),
        (OFFICER, "submission.read", "form", 7),
    ],
    ids=["person", "place", "reason", "action", "thing", "kind of thing"],
)
def test_another_reading_is_told_of(app, other):
    log_reading(OFFICER, *READ)
    log_reading(*other)

    assert len(rows()) == 2


def test_nobody_known_and_details_are_told_of_each_time(app):
    for _ in range(2):
        log_reading(replace(OFFICER, actor_id=None), *READ)
        log_reading(OFFICER, *READ, entry=1)

    assert len(rows()) == 4


def test_whoever_goes_on_reading_is_told_of_every_minute(app, monkeypatch):
    start = utc_now()
    for seconds in range(0, 181, 20):
        moment = start + timedelta(seconds=seconds)
        monkeypatch.setattr(readings, "utc_now", lambda moment=moment: moment)
        monkeypatch.setattr("server.queries.audits.utc_now", lambda moment=moment: moment)
        log_reading(OFFICER, *READ)

    told = [(row.logged_at - start).total_seconds() for row in rows()]
    assert told == [0, 60, 120, 180]
