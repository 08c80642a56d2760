"""A database that goes away and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.helpers.installations import Installation
from tests.helpers.postgresql import Cluster

FILE = "phieu.sqlite3"


@dataclass(frozen=True)
class Breakable:
    """An installation whose database is gone within `outage()`."""

    installation: Installation
    outage: Callable[[], AbstractContextManager[None]]


@contextmanager
def without_file(installation: Installation) -> Iterator[None]:
    """A folder stands where SQLite's file was: even root cannot open it."""
    file, aside = installation.data / FILE, installation.data / "aside"
    file.rename(aside)
    file.mkdir()
    try:
        yield
    finally:
        file.rmdir()
        aside.rename(file)


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()
