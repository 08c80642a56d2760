"""The consent of each visit is a row, derived from its slip and never a reason to refuse it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from server.cli import persons
from server.cli.common import today
from server.db import db, transaction
from server.demo import iter_slips
from server.demo.villages import Village
from server.models import Consent
from server.queries.forms import get_current_version, get_form
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import house
from tests.helpers.sql import count_submissions
from tests.helpers.visits import offer_visits, visit


@pytest.fixture
def scene():
    """bob's project offers the form `visit` too."""
    return offer_houses, offer_visits


def told() -> list[tuple]:
    db.session.rollback()
    query = select(Consent).order_by(Consent.id)
    return [(c.state.value, c.household_key, c.basis) for c in db.session.scalars(query)]


def test_a_visit_leaves_a_consent_with_who_when_and_which_text(submit):
    assert submit(visit("uuid:1")).status_code == 201

    db.session.rollback()
    [consent] = db.session.scalars(select(Consent))
    assert (consent.state.value, consent.basis, consent.household_key) == ("given", "2", "h-1")
    assert consent.given_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert consent.text_version == "7"
    assert consent.collected_by_id is not None
    assert consent.withdrawn_at is None


def test_edits_change_it_and_silence_is_none(submit):
    submit(visit("uuid:1", consent="0", household=""))
    assert told() == [("refused", None, "2")]

    submit(visit("uuid:2", edits="uuid:1"))
    assert told() == [("given", "h-1", "2")]

    submit(visit("uuid:3", edits="uuid:2", consent=""))
    assert told() == []


def test_forms_that_do_not_ask_and_strange_answers_leave_none(submit):
    assert submit(house("uuid:1")).status_code == 201
    assert submit(visit("uuid:2", consent="có")).status_code == 201
    strange = visit("uuid:3").replace(b"2026-11-20T08:30:00", b"9999-12-31T99:00")
    assert submit(strange).status_code == 201

    assert told() == [("given", "h-1", "2")]
    assert count_submissions() == 3


def test_the_shipped_survey_tells_it_as_its_collaborators_asked(app, submit):
    version = get_current_version(get_form(1, "child_situation")).version
    villages = [Village("VN-1", "Thôn 1", "12472", "12472")]
    made = iter_slips(villages, count=500, seed=3, version=version, today=today())
    slips = [slip for i, slip in enumerate(made) if i < 10 or b"<consent>0</consent>" in slip]

    assert {submit(slip).status_code for slip in slips} == {201}

    refused = sum(b"<consent>0</consent>" in slip for slip in slips)
    states = [state for state, _, _ in told()]
    assert (states.count("refused"), states.count("given")) == (refused, len(slips) - refused)
    assert refused > 0
    assert all((key is not None) == (state == "given") for state, key, _ in told())


def test_one_command_derives_them_anew(app, submit):
    submit(visit("uuid:1"))
    submit(visit("uuid:2", consent="0", household=""))
    submit(visit("uuid:3", edits="uuid:1", household="h-2"))
    before = told()
    with transaction():
        db.session.execute(delete(Consent))

    result = app.test_cli_runner().invoke(persons.command, ["rebuild"])

    assert result.exit_code == 0
    assert sorted(told()) == sorted(before)
