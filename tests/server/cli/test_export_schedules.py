"""`phieu exports schedule`: files by date in a folder, for the rights that their owner has."""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from server.actions.exporting.scheduling import next_time
from server.cli.common import settings, storage
from server.db import db, transaction, utc_now
from server.jobs import KINDS, run_next
from server.jobs.surroundings import Surroundings
from server.models import Every, Export, ExportSchedule
from tests.helpers.duties import publish_all, receive, slip

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SCHEDULE = ("exports", "schedule")


def receive_slips(_: object) -> None:
    for name in "ab":
        receive(slip("children", f"uuid:{name}", commune="12472", on="2026-11-20"))


@pytest.fixture
def scene():
    return publish_all, receive_slips


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "kept" / "daily"


@pytest.fixture
def add(app, installation, folder):
    def add(*options: str, form: str = "children", **run: object):
        chosen = ("--every", "day", "--to", folder, *options)
        return installation.run(*SCHEDULE, "add", form, *chosen, **run)

    return add


def run_due() -> None:
    """What is due by its time, and the jobs that come of it."""
    with transaction():
        for schedule in db.session.scalars(db.select(ExportSchedule)):
            schedule.next_at = utc_now() - timedelta(seconds=1)
    around = Surroundings.of(settings(), storage())
    KINDS["ask_scheduled_exports"](around)
    while run_next(around):
        db.session.remove()
    db.session.remove()


@pytest.mark.parametrize(
    ("every", "after", "expected"),
    [
        (Every.DAY, "2026-11-20T01:59", "2026-11-20T02:00"),
        (Every.DAY, "2026-11-20T02:00", "2026-11-21T02:00"),
        (Every.WEEK, "2026-11-20T03:00", "2026-11-23T02:00"),
        (Every.WEEK, "2026-11-23T01:00", "2026-11-23T02:00"),
        (Every.MONTH, "2026-11-20T03:00", "2026-12-01T02:00"),
        (Every.MONTH, "2026-12-01T02:30", "2027-01-01T02:00"),
    ],
)
def test_the_next_time_is_a_day_a_monday_or_the_first(every, after, expected):
    moment = datetime.fromisoformat(after).replace(tzinfo=HANOI)

    assert next_time(every, 2, moment) == datetime.fromisoformat(expected).replace(tzinfo=HANOI)


def test_a_file_of_the_day_is_what_the_command_writes(installation, add, folder, tmp_path):
    add("--format", "xlsx", "--labels", "vi", "--hour", "3")
    installation.run(
        *("exports", "write", "children", "--format", "xlsx", "--labels", "vi"),
        *("--out", tmp_path / "x.zip"),
    )

    run_due()

    [file] = folder.iterdir()
    assert file.name == f"children-{installation.today()}.zip"
    assert file.read_bytes() == (tmp_path / "x.zip").read_bytes()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    [listed] = installation.run_json(*SCHEDULE, "list")
    assert (listed["form"], listed["every"], listed["hour"]) == ("children", "day", 3)
    assert listed["request"]["format"] == "xlsx"
    assert (listed["error"], listed["last"] is None) == ("", False)
    assert datetime.fromisoformat(listed["next"]) > utc_now()


def test_so_many_of_the_newest_stay_and_others_files_too(add, folder):
    add("--keep", "2")
    folder.mkdir(exist_ok=True)
    for name in ("children-2026-01-01", "children-2026-01-02", "other-2026-01-01", "children"):
        (folder / f"{name}.zip").write_bytes(b"old")

    run_due()

    kept = {path.name for path in folder.iterdir()}
    today = f"children-{datetime.now(HANOI).date()}.zip"
    assert kept == {"children-2026-01-02.zip", today, "other-2026-01-01.zip", "children.zip"}


def test_why_one_failed_is_told_until_one_does_not(installation, add, folder):
    add()
    folder.rmdir()
    folder.write_bytes(b"in the way")
    run_due()
    [failed] = installation.run_json(*SCHEDULE, "list")
    sick = installation.run("doctor", status=1)
    folder.unlink()
    run_due()
    [well] = installation.run_json(*SCHEDULE, "list")

    assert str(folder) in failed["error"]
    assert "Failed export schedules: 1." in sick
    assert str(folder) in sick
    assert well["error"] == ""
    assert [path.suffix for path in folder.iterdir()] == [".zip"]


def test_a_removed_one_writes_no_more_and_leaves_its_files(installation, add, folder):
    add()
    run_due()
    installation.run(*SCHEDULE, "remove", "1")

    run_due()

    assert len(list(folder.iterdir())) == 1
    assert installation.run_json(*SCHEDULE, "list") == []
    assert db.session.scalars(db.select(Export)).all() == []
    assert "no schedule 1" in installation.run(*SCHEDULE, "remove", "1", status=1)


def test_what_cannot_be_scheduled_is_refused(installation, add, folder):
    assert "whole path" in add("--to", "kept", status=2)
    assert "no column none" in add("--column", "none", status=1)
    add(form="abuse_report", status=1)
    assert installation.run_json(*SCHEDULE, "list") == []
    assert not folder.exists()


def test_the_rights_are_those_of_the_time(installation, app, add, folder):
    """The owner's, whoever runs the worker."""
    installation.run(
        *("users", "add", "hoa@example.vn", "--role", "viewer", "--unit", "12511"),
        "--password-stdin",
        input="một mật khẩu đủ dài\n",
    )
    add("--as", "hoa@example.vn", input="một mật khẩu đủ dài\n")

    run_due()

    [file] = folder.iterdir()
    with zipfile.ZipFile(file) as archive:
        assert b"uuid:a" not in archive.read("children.csv")


def test_a_hidden_file_of_somebody_elses_stays(add, folder):
    add()
    name = f"children-{datetime.now(settings().tz).date()}.zip"
    notes = folder / f".{name}.notes"
    notes.write_text("mine")

    run_due()

    assert sorted(path.name for path in folder.iterdir()) == [notes.name, name]
    assert notes.read_text() == "mine"
