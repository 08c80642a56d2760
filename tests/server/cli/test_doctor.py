"""`phieu doctor` says what is wrong, in plain words, and status 1 if something is."""

from __future__ import annotations

import json
import shutil

import pytest

from server.actions.due.escalating import escalate_overdue
from server.cli.common import operator
from server.db import db, transaction, utc_now
from server.models import FormState, JobState
from server.queries.forms import get_form
from server.queries.jobs import add_job
from tests.helpers.cases import open_case, publish_register
from tests.helpers.examples import SHIPPED
from tests.helpers.installations import Installation
from tests.helpers.slips import house
from tests.helpers.sql import set_schema


def diagnose(installation: Installation, *, status: int) -> dict[str, str]:
    """What was found not to be fine, with the advice."""
    findings = json.loads(installation.run("doctor", "--json", status=status))
    return {f["what"]: f["advice"] for f in findings if not f["fine"]}


def test_a_new_installation_is_fine(installation):
    said = installation.run("doctor")

    assert {line[:3] for line in said.splitlines()} == {"ok "}
    assert "Forms offered to phones: 5." in said


def test_of_what_nobody_could_be_told_is_said_and_what_to_do(installation, app, tmp_path):
    publish_register(tmp_path)
    open_case("2602-1a2b3", "2026-02-13T23:30:00")
    with transaction():
        escalate_overdue(now=utc_now(), has_post=False, by=operator())
    db.session.remove()

    [line] = [line for line in installation.run("doctor").splitlines() if "could be told" in line]

    assert line.startswith("-- Overdue things of which nobody could be told: 1. Set PHIEU_SMTP_URL")
    assert "phieu assignments add" in line


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
    set_schema("0001")

    [(what, advice)] = diagnose(installation, status=1).items()

    assert what.endswith("schema 0001.")
    assert advice == "Run: phieu serve"


def test_a_newer_schema_is_told_to_install_the_newer_program(installation, app):
    set_schema("9999")

    [(what, advice)] = diagnose(installation, status=1).items()
    said = installation.run("serve", "--port", "0", status=1)

    assert what.endswith("schema 9999.")
    assert advice == "A newer version of Phiếu made it. Install that version."
    assert said.startswith("The database (schema 9999) was made by a newer version")


def test_files_that_the_database_knows_and_the_storage_lacks_are_counted(installation):
    shutil.rmtree(installation.data / "storage")

    [(what, advice)] = diagnose(installation, status=1).items()

    assert what == "Files in the storage: looked for 13 of 13, 13 are missing."
    assert "restore the storage from a backup" in advice


def test_a_secret_key_that_opens_no_token_is_said(installation):
    installation.extra["PHIEU_SECRET_KEY"] = "another"

    [(what, advice)] = diagnose(installation, status=1).items()

    assert what == "Secret key: 1 of 1 tokens stay closed."
    assert advice.startswith("Put the old key back")


def test_a_folder_that_others_can_read_is_said(installation):
    installation.data.chmod(0o755)

    [(what, advice)] = diagnose(installation, status=1).items()

    assert what.endswith("is open to everybody on this machine.")
    assert advice == f"Run: chmod 700 {installation.data}"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_it_speaks_the_language_of_the_installation(installation):
    installation.extra["PHIEU_LANG"] = "vi"

    said = installation.run("doctor")

    assert "Biểu mẫu dành cho điện thoại: 5." in said
    assert "Free space" not in said


def test_a_job_that_failed_is_counted_and_named(installation, app):
    with transaction():
        job = add_job("sweep_uploads")
        job.state = JobState.FAILED
        job.error = "PermissionError: uploads"

    found = diagnose(installation, status=1)

    assert found == {
        "Failed jobs: 1.": "The last one: sweep_uploads: PermissionError: uploads",
    }


def test_what_waits_is_counted_and_is_no_fault(installation, submit):
    submit(b"not xml")
    submit(house("uuid:1").replace(b"houses", b"other"))
    meta = b"<meta><deprecatedID>uuid:none</deprecatedID>"
    submit(house("uuid:2").replace(b"<meta>", meta))

    said = installation.run("doctor").splitlines()

    assert "-- Quarantine: 2. Refused slips wait for you: phieu quarantine list" in said
    assert any(s.startswith("-- Edits that wait for their original: 1.") for s in said)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_installation_that_offers_no_form_is_told_to_publish_one(installation, app):
    with transaction():
        for workbook in SHIPPED:
            get_form(1, workbook.stem).state = FormState.CLOSED
    db.session.remove()

    found = diagnose(installation, status=1)

    assert found == {
        "Forms offered to phones: 0.": "Publish one: phieu forms publish FILE.xlsx",
    }


@pytest.mark.parametrize("installation", ["store"], indirect=True)
def test_a_store_is_looked_at_and_left_as_it_was(installation, store):
    before = store.contents()

    said = installation.run("doctor")

    assert f"bucket {store.name}." in said
    assert {line[:3] for line in said.splitlines()} == {"ok "}
    assert store.contents() == before


@pytest.mark.parametrize("installation", ["store"], indirect=True)
def test_a_store_that_keeps_versions_or_is_away_is_said(installation, store):
    with store.door.shut():
        away = installation.run("doctor", status=1)
    versioning = {"Status": "Enabled"}
    store.client.put_bucket_versioning(Bucket=store.name, VersioningConfiguration=versioning)
    versions = diagnose(installation, status=1)

    [line] = [line for line in away.splitlines() if line.startswith("!!")]
    assert "AWS_ENDPOINT_URL: the store http://127.0.0.1:" in line
    [what] = versions
    assert "keeps versions" in what
