"""`phieu work`: claim jobs and run them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from functools import partial

import click
from flask.cli import with_appcontext

from server.cli.common import prepare, print_password, settings, storage
from server.db import DatabaseFault, db
from server.jobs import run_next, schedule_regular
from server.jobs.surroundings import Surroundings
from server.log import get_logger
from server.queries.jobs import Lane

_PAUSE = 2.0


@click.command("work")
@click.option("--once", is_flag=True, help="Run what is due, then end.")
@with_appcontext
def command(once: bool) -> None:
    """Run jobs; `serve` does so itself, more of these may run on any machine."""
    if (first := prepare()) is not None:
        print_password(first)
    work(once=once)


def work(*, once: bool = False, parent: int | None = None, lane: Lane = Lane.ALL) -> None:
    """Run jobs until told to end, or until the process `parent` is no longer above this one."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduled = False
    while not stop.is_set() and (parent is None or os.getppid() == parent):
        scheduled = scheduled or _unless_away(_schedule)
        if not _unless_away(partial(_run_next, lane)) and (once or stop.wait(_PAUSE)):
            return


def _schedule() -> bool:
    schedule_regular()
    return True


def _run_next(lane: Lane) -> bool:
    return run_next(Surroundings.of(settings(), storage()), lane)


def _unless_away(step: Callable[[], bool]) -> bool:
    """Take the step; a database that is away for a while is waited for."""
    try:
        return step()
    except DatabaseFault as error:
        get_logger().warning("database fault", kind=type(error).__name__)
        return False
    finally:
        db.session.remove()
