"""Installations that are prepared once, and copied for each test that starts from them.

A scene is what was done in an installation after its first start, step by step. What steps leave is
in the database and the data folder, and nowhere else: a test finds it there.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

from server.actions.installation import publish_workbook
from server.actions.people import add_app_user
from server.cli.common import operator, prepare, settings, storage, today
from server.db import db, transaction
from server.queries.projects import get_project
from tests.helpers.installations import Installation
from tests.helpers.postgresql import Cluster
from tests.helpers.slips import HOUSES, write_workbook

Step = Callable[[Path], object]
"""Does something inside an application's context; files that it needs first are in the folder."""
Scene = tuple[Step, ...]
_NEW_MARK = "UPDATE projects SET catalogue = {}"


class Scenes:
    """The scenes of one test process: in SQLite, or with a cluster in PostgreSQL."""

    def __init__(self, folder: Path, cluster: Cluster | None = None) -> None:
        self._folder = folder
        self._cluster = cluster
        self._made: dict[Scene, Installation] = {}

    def copy(self, scene: Scene, data: Path) -> Installation:
        """One more installation, which starts from the scene; its data folder is made."""
        copy = self._copy(self._find(scene), data)
        self._renew_marks(copy)
        return copy

    def drop(self, copy: Installation) -> None:
        if self._cluster is not None:
            self._cluster.drop(_database(copy))

    def _find(self, scene: Scene) -> Installation:
        if scene not in self._made:
            self._made[scene] = self._make(scene)
        return self._made[scene]

    def _make(self, scene: Scene) -> Installation:
        own = Path(tempfile.mkdtemp(dir=self._folder))
        if not scene:
            url = self._cluster.url(self._cluster.create()) if self._cluster else ""
            made = Installation(own / "data", url)
            within(made, prepare)
            return made
        made = self._copy(self._find(scene[:-1]), own / "data")
        within(made, lambda: scene[-1](own))
        return made

    def _copy(self, made: Installation, data: Path) -> Installation:
        shutil.copytree(made.data, data)
        if self._cluster is None:
            return Installation(data)
        return Installation(data, self._cluster.url(self._cluster.create(_database(made))))

    def _renew_marks(self, copy: Installation) -> None:
        """Each copy goes its own way: what is remembered of one is not asked of another."""
        statement = _NEW_MARK.format(secrets.randbits(31))
        if self._cluster is not None:
            with psycopg.connect(copy.database_url, autocommit=True) as connection:
                connection.execute(statement.encode())
            return
        with closing(sqlite3.connect(copy.data / "phieu.sqlite3")) as file, file:
            file.execute(statement)


def within(installation: Installation, do: Callable[[], object]) -> None:
    """Do it in an application of its own, and leave no connection open."""
    with installation.create_app().app_context():
        try:
            do()
        finally:
            db.session.remove()
            db.engine.dispose()


def publish_form(folder: Path) -> None:
    """The form `houses`."""
    with transaction():
        publish_workbook(
            write_workbook(folder, HOUSES),
            None,
            project=get_project(),
            storage=storage(),
            by=operator(),
        )


def offer_houses(folder: Path) -> None:
    """The form `houses`, and `bob`, an app user of the project."""
    publish_form(folder)
    with transaction():
        add_app_user(
            "bob",
            project=get_project(),
            form_ids=(),
            unit_codes=(),
            on=today(),
            secret_key=settings().secret_key,
            by=operator(),
        )


def _database(installation: Installation) -> str:
    return installation.database_url.rpartition("/")[2]
