"""`phieu retention`: what was kept for its period is listed, and destroyed only when told to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from server.actions.retention import Periods, years_before
from server.cli import retention
from server.cli.common import settings, storage
from server.config import SettingRefused, read_settings
from server.db import db, transaction, utc_now
from server.jobs.retention import run_retention
from server.jobs.surroundings import Surroundings
from server.models import Audit, QuarantinedSubmission, SubmissionVersion
from server.queries import audits
from server.queries.submissions import get_submission, list_submission_versions, load_xml
from tests.helpers.slips import house
from tests.helpers.sql import list_quarantined

PERIODS = Periods(superseded=5, access=5, quarantine=1)


def edit(instance_id: str, of: str, head: str) -> bytes:
    return house(instance_id, head=head, children=(("Bình", "1", "a.jpg"),)).replace(
        b"<meta>", f"<meta><deprecatedID>{of}</deprecatedID>".encode()
    )


ORIGINAL = house("uuid:0", head="Canary", children=(("Bình", "1", "a.jpg"),))


@pytest.fixture
def years_later(submit):
    """A slip edited twice, one refused; the first edit came six years ago, the second now."""
    assert submit(ORIGINAL, ("a.jpg", b"canary picture")).status_code == 201
    submit(edit("uuid:1", "uuid:0", "Second"), ("a.jpg", b"second picture"))
    submit(edit("uuid:2", "uuid:1", "Third"))
    assert submit(house("uuid:0", head="Refused")).status_code == 409
    now = utc_now()
    with transaction():
        for id_, years in (("uuid:0", 7), ("uuid:1", 6)):
            age(SubmissionVersion, SubmissionVersion.instance_id == id_, now, years)
        age(QuarantinedSubmission, QuarantinedSubmission.id > 0, now, 2)
        old = Audit(action="form.update", actee_type="form", logged_at=years_before(now, 6))
        db.session.add(old)


def age(table, which, now: datetime, years: int) -> None:
    db.session.execute(update(table).where(which).values(received_at=years_before(now, years)))


def run(app, *arguments: str):
    result = app.test_cli_runner().invoke(retention.command, [*arguments, "--json"])
    db.session.rollback()
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_dry_run_lists_what_would_go_and_changes_nothing(app, years_later):
    rows = {row["kind"]: row["count"] for row in run(app)}

    assert rows == {"superseded": 1, "quarantine": 1, "access": 1}
    assert {row["kind"]: row["count"] for row in run(app)} == rows
    assert load_xml(list_submission_versions(get_submission("uuid:0")[0].id)[-1].id) == ORIGINAL


def test_a_run_leaves_the_current_answers_and_the_name_of_what_went(
    app, submit, installation, years_later
):
    assert run(app, "--run") == {"superseded": 1, "quarantine": 1, "access": 1}

    submission, current = get_submission("uuid:0")
    third, second, first = list_submission_versions(submission.id)
    assert current.id == third.id
    assert b"<head>Third</head>" in load_xml(third.id)
    assert b"<head>Second</head>" in load_xml(second.id)
    assert b"Canary" not in load_xml(first.id)
    assert first.erased_at is not None
    assert submission.erased_at is None
    assert list_quarantined() == []
    assert {row["count"] for row in run(app)} == {0}
    assert submit(ORIGINAL, ("a.jpg", b"canary picture")).status_code == 201
    run_jobs(app)
    files = [p.read_bytes() for p in (installation.data / "storage").glob("??/*-*")]
    assert b"canary picture" not in files
    assert b"second picture" in files


def run_jobs(app) -> None:
    from server.jobs import run_next

    while run_next(Surroundings.of(settings(), storage())):
        db.session.rollback()


def test_by_itself_it_runs_only_where_it_is_switched_on(app, years_later):
    run_retention(Surroundings.of(settings(), storage()))
    assert {row["count"] for row in run(app)} == {1}

    run_retention(replace(Surroundings.of(settings(), storage()), periods=PERIODS))
    assert {row["count"] for row in run(app)} == {0}


def test_the_access_log_is_never_let_go_of_before_five_years(app, installation):
    with pytest.raises(ValueError, match="-"):
        audits.remove_older(utc_now() - timedelta(days=4 * 365))
    for value in ("4", "0", "x", "1000"):
        with pytest.raises(SettingRefused):
            read_settings(installation.environ | {"PHIEU_RETAIN_ACCESS_YEARS": value})


def test_a_year_has_its_days():
    leap = datetime(2028, 2, 29, 12)

    assert years_before(leap, 4) == datetime(2024, 2, 29, 12)
    assert years_before(leap, 1) == datetime(2027, 2, 28, 12)
