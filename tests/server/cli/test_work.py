"""`phieu work --once` runs what is due, records what fails, and tries it again later."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from server.cli.common import settings, storage
from server.db import db, transaction, utc_now
from server.jobs import run_next
from server.jobs.forgetting import forget_expired
from server.jobs.surroundings import Surroundings
from server.models import Job, JobState
from server.queries.jobs import LEASE, MAX_ATTEMPTS, Lane, add_job, claim_job
from tests.helpers.sql import list_jobs

SWEEP = "sweep_uploads"


@pytest.fixture
def uploads(app) -> Path:
    return storage().uploads


def add_stale(path: Path, *, is_folder: bool = False) -> Path:
    """Something in the uploads that no request has touched for two days."""
    if is_folder:
        path.mkdir()
    else:
        path.write_bytes(b"x")
    old = path.stat().st_mtime - 2 * 24 * 3600
    os.utime(path, (old, old))
    return path


def add_due_job() -> int:
    with transaction():
        return add_job(SWEEP).id


def find_job(job_id: int):
    db.session.rollback()
    return next(job for job in list_jobs() if job.id == job_id)


def make_due(job_id: int) -> None:
    with transaction():
        find_job(job_id).run_at = utc_now()


def test_a_due_job_runs_and_a_fresh_upload_stays(installation, uploads):
    stale, fresh = add_stale(uploads / "stale"), uploads / "fresh"
    fresh.write_bytes(b"x")
    job_id = add_due_job()

    installation.run("work", "--once")

    assert [path.name for path in uploads.iterdir()] == ["fresh"]
    assert not stale.exists()
    assert find_job(job_id).state is JobState.DONE


def test_a_job_that_is_not_due_waits(installation, uploads):
    stale = add_stale(uploads / "stale")
    with transaction():
        job_id = add_job(SWEEP, run_at=utc_now() + timedelta(hours=1)).id

    installation.run("work", "--once")

    assert stale.exists()
    assert find_job(job_id).attempts == 0


def test_a_job_that_fails_is_recorded_waits_and_succeeds_later(installation, uploads):
    obstacle = add_stale(uploads / "folder", is_folder=True)
    job_id = add_due_job()

    installation.run("work", "--once")
    installation.run("work", "--once")
    failed = find_job(job_id)

    assert (failed.state, failed.attempts) == (JobState.WAITING, 1)
    assert "Error" in failed.error
    assert str(obstacle) in failed.error
    assert failed.run_at > utc_now()
    obstacle.rmdir()
    make_due(job_id)
    installation.run("work", "--once")
    assert (find_job(job_id).state, find_job(job_id).error) == (JobState.DONE, None)


def test_a_job_has_failed_after_its_last_attempt(uploads):
    add_stale(uploads / "folder", is_folder=True)
    job_id = add_due_job()

    for _ in range(MAX_ATTEMPTS):
        make_due(job_id)
        run_next(Surroundings.of(settings(), storage()))

    assert find_job(job_id).state is JobState.FAILED
    assert not run_next(Surroundings.of(settings(), storage()))


def test_a_long_job_holds_no_short_one_back(uploads):
    stale = add_stale(uploads / "stale")
    around = Surroundings.of(settings(), storage())
    with transaction():
        long = add_job("write_export", export_id=1).id
    short = add_due_job()

    assert run_next(around, Lane.SHORT)

    assert not stale.exists()
    assert (find_job(short).state, find_job(long).attempts) == (JobState.DONE, 0)
    assert not run_next(around, Lane.SHORT)
    assert run_next(around, Lane.LONG)
    assert find_job(long).state is JobState.DONE
    assert not run_next(around, Lane.LONG)


def test_a_kind_of_job_that_nobody_knows_stops_no_other(installation, uploads):
    stale = add_stale(uploads / "stale")
    with transaction():
        add_job("of another version")
    add_due_job()

    installation.run("work", "--once")

    assert not stale.exists()


def test_a_job_left_by_a_dead_worker_is_taken_up_again(uploads):
    stale = add_stale(uploads / "stale")
    job_id = add_due_job()
    with transaction():
        claim_job()

    ran_at_once = run_next(Surroundings.of(settings(), storage()))
    with transaction():
        find_job(job_id).claimed_at = utc_now() - LEASE
    ran_later = run_next(Surroundings.of(settings(), storage()))

    assert (ran_at_once, ran_later) == (False, True)
    assert not stale.exists()
    assert find_job(job_id).state is JobState.DONE


def test_a_job_that_ends_every_worker_is_given_up(uploads):
    job_id = add_due_job()
    with transaction():
        job = claim_job()
        job.attempts = MAX_ATTEMPTS
        job.claimed_at = utc_now() - LEASE

    run_next(Surroundings.of(settings(), storage()))

    assert find_job(job_id).state is JobState.FAILED


def test_a_daily_job_waits_again_after_it_has_run(installation, uploads):
    installation.run("work", "--once")
    [first] = [job for job in list_jobs() if job.kind == SWEEP]
    make_due(first.id)

    installation.run("work", "--once")

    db.session.rollback()
    states = [job.state for job in list_jobs() if job.kind == SWEEP]
    assert states == [JobState.DONE, JobState.WAITING]


def test_an_upload_that_vanishes_meanwhile_disturbs_no_sweeping(uploads):
    (uploads / "gone").symlink_to(uploads / "nowhere")
    stale = add_stale(uploads / "stale")

    removed = storage().sweep(older_than=24 * 3600)

    assert removed == 1
    assert not stale.exists()


def test_what_was_done_long_ago_is_forgotten_and_what_failed_stays(app):
    with transaction():
        db.session.add_all(
            Job(kind="x", arguments={}, state=state, finished_at=utc_now() - timedelta(days=age))
            for state in (JobState.DONE, JobState.FAILED)
            for age in (1, 8)
        )

    forget_expired(Surroundings.of(settings(), storage()))

    left = [
        (job.state, (utc_now() - job.finished_at).days) for job in list_jobs() if job.kind == "x"
    ]
    assert left == [(JobState.DONE, 1), (JobState.FAILED, 1), (JobState.FAILED, 8)]


@pytest.mark.parametrize("installation", ["store"], indirect=True)
def test_a_store_that_is_away_is_waited_for_however_long(app, store):
    store.put("ab/erased", b"canary")
    with transaction():
        job_id = add_job("remove_files", keys=["ab/erased"]).id
    around = Surroundings.of(settings(), storage())

    with store.door.shut():
        for _ in range(MAX_ATTEMPTS + 1):
            make_due(job_id)
            assert run_next(around, Lane.SHORT)
    waiting = (find_job(job_id).state, find_job(job_id).attempts)
    make_due(job_id)
    run_next(around, Lane.SHORT)

    assert waiting == (JobState.WAITING, 0)
    assert find_job(job_id).state is JobState.DONE
    assert "ab/erased" not in store.contents()
