"""`phieu doctor` says what is wrong, in plain words, and status 1 if something is."""

from __future__ import annotations

import json

import pytest

from server.db import db, transaction
from server.models import FormState, JobState
from server.queries.forms import get_form
from server.queries.jobs import add_job
from tests.helpers.installations import Installation
from tests.helpers.slips import house
from tests.helpers.sql import set_schema


def diagnose(installation: Installation, *, status: int) -> dict[str, str]:
    """What was found not to be fine, with the advice."""
    findings = json.loads(installation.run("doctor", "--json", status=status))
    return {f["what"]: f["advice"] for f in findings if not f["fine"]}


def test_a_new_installation_is_fine(installation):
    said = installation.run("doctor")

    assert [line[:3] for line in said.splitlines()] == ["ok "] * 6
    assert "Forms offered to phones: 1." in said


def test_an_empty_folder_is_told_how_to_begin(tmp_path):
    found = diagnose(Installation(tmp_path / "data"), status=1)

    assert found == {"Database (sqlite) is empty.": "Run: phieu serve"}


def test_a_database_that_is_gone_is_said_once_without_a_traceback(breakable):
    with breakable.outage():
        said = breakable.installation.run("doctor", status=1)
    afterwards = breakable.installation.run("doctor")

    [line] = [line for line in said.splitlines() if line.startswith("!!")]
    assert "Database: " in line
    assert line.endswith("Check PHIEU_DATABASE_URL.")
    assert "!!" not in afterwards


def test_an_older_schema_is_told_how_to_move_on(installation, app):
    set_schema("0000")

    [(what, advice)] = diagnose(installation, status=1).items()

    assert what.endswith("schema 0000.")
    assert advice == "Run: phieu serve"


def test_a_job_that_failed_is_counted_and_named(installation, app):
    with transaction():
        job = add_job("sweep_uploads")
        job.state = JobState.FAILED
        job.error = "PermissionError: uploads"

    found = diagnose(installation, status=1)

    assert found == {
        "Failed jobs: 1.": "The last one: sweep_uploads: PermissionError: uploads",
    }


def test_what_is_in_quarantine_is_counted(installation, submit):
    submit(b"not xml")
    submit(house("uuid:1").replace(b"houses", b"other"))

    found = diagnose(installation, status=1)

    assert found == {"Quarantine: 2.": "Refused bodies of known senders wait for you."}


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_installation_that_offers_no_form_is_told_to_publish_one(installation, app):
    with transaction():
        get_form(1, "child_situation").state = FormState.CLOSED
    db.session.remove()

    found = diagnose(installation, status=1)

    assert found == {
        "Forms offered to phones: 0.": "Publish one: phieu forms publish FILE.xlsx",
    }
