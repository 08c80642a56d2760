"""Exports by a worker process: cancelled while it writes, and killed while it writes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from server.actions.exporting.asking import ExportRequest
from server.actions.exporting.keeping import ask_export, cancel_or_remove
from server.actions.installation import publish_workbook
from server.cli.common import operator, settings, storage
from server.db import db, transaction, utc_now
from server.models import Export, ExportState, FormAttachment, Job, JobState
from server.queries import forms
from server.queries.projects import get_project
from tests.helpers.commands import Running
from tests.helpers.duties import receive
from tests.helpers.slips import HOUSES, house, write_workbook

LIST = b"name,label\n1,A\n"
FORM = HOUSES.replace(
    "| | text         | head ",
    "| | select_one_from_file wells.csv | well | W | W |\n| | text | head ",
)


def publish_with_list(folder: Path) -> None:
    media = folder / "media"
    media.mkdir()
    (media / "wells.csv").write_bytes(LIST)
    workbook = write_workbook(folder, FORM)
    with transaction():
        publish_workbook(workbook, media, project=get_project(), storage=storage(), by=operator())
    receive(house("uuid:1"))


@pytest.fixture
def scene():
    return (publish_with_list,)


@pytest.fixture
def list_file(app) -> Path:
    """A list of the form, which an export reads before it writes."""
    query = db.select(FormAttachment.storage_key).where(FormAttachment.name == "wells.csv")
    key = db.session.scalars(query).one()
    db.session.remove()
    return storage().file(key)


@pytest.fixture
def export_id(app) -> int:
    with transaction():
        form = forms.get_form(1, "houses")
        id_ = ask_export(ExportRequest(), form, secret_key="", tz=settings().tz, by=operator()).id
    db.session.remove()
    return id_


@contextmanager
def held_up(file: Path) -> Iterator[Callable[[], None]]:
    """Whoever opens the file waits until it is let go on."""
    pipe = file.with_name("pipe")
    os.mkfifo(pipe)
    kept = file.read_bytes()
    pipe.replace(file)

    def let_go_on() -> None:
        file.rename(pipe)
        file.write_bytes(kept)
        pipe.write_bytes(kept)
        pipe.unlink()

    yield let_go_on
    if file.is_fifo():
        file.unlink()
        file.write_bytes(kept)


@contextmanager
def worker(installation) -> Iterator[Running]:
    with Path(os.devnull).open("r+b") as nothing:
        files = (nothing.fileno(),) * 3
        running = Running(["work"], os.environ | installation.environ, files)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
            running.wait(timeout=20)


def read(export_id: int) -> Export:
    db.session.remove()
    return db.session.get_one(Export, export_id)


def wait_for(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.1)
    raise TimeoutError


def is_told(export_id: int) -> bool:
    """True once the worker said how far it is."""
    export = read(export_id)
    return export.state is ExportState.RUNNING and export.total is not None


def job_of(export_id: int) -> Job:
    return db.session.get_one(Job, read(export_id).job_id)


def files() -> list[str]:
    return [path.name for path in storage().file("exports").iterdir()]


def test_one_that_is_cancelled_under_way_leaves_no_file(installation, list_file, export_id):
    with held_up(list_file) as let_go_on, worker(installation):
        wait_for(lambda: is_told(export_id))
        with transaction():
            cancel_or_remove(db.session.get_one(Export, export_id), by=operator())
        let_go_on()
        wait_for(lambda: job_of(export_id).state is JobState.DONE)

    assert read(export_id).state is ExportState.CANCELLED
    assert files() == []


def test_one_whose_worker_was_killed_is_begun_anew_within_minutes(
    installation, list_file, export_id
):
    with held_up(list_file), worker(installation) as killed:
        wait_for(lambda: is_told(export_id))
        first = job_of(export_id).claimed_at
        wait_for(lambda: job_of(export_id).claimed_at > first)
        killed.kill()
        killed.wait(timeout=20)
    (storage().file("exports") / f".{export_id}-1.zip.left" / "files").mkdir(parents=True)
    installation.run("work", "--once")
    early = read(export_id).state
    with transaction():
        job_of_it = db.session.get_one(Job, db.session.get_one(Export, export_id).job_id)
        job_of_it.claimed_at = utc_now() - timedelta(minutes=2)
    installation.run("work", "--once")

    done = read(export_id)
    assert (early, done.state, done.attempt) == (ExportState.RUNNING, ExportState.DONE, 2)
    assert files() == [f"{export_id}-2.zip"]
