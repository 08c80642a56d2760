"""What tests share: both databases, an installation in an empty folder, a running server.

Every test has a database of its own, copied from one that the migrations made.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.auth.tokens import unseal
from server.cli.common import prepare
from server.db import db
from server.queries.actors import list_app_users
from server.queries.projects import get_project
from tests.helpers import stores
from tests.helpers.installations import Installation
from tests.helpers.outages import Breakable, stopped, without_file
from tests.helpers.passwords import seal_quickly
from tests.helpers.phones import multipart
from tests.helpers.postgresql import Cluster, find_programs
from tests.helpers.routes import compile_routes_once
from tests.helpers.scenes import Scene, Scenes, offer_houses, publish_form, within
from tests.helpers.servers import Server, serve
from tests.helpers.slips import HOUSES, write_workbook
from tests.helpers.stores import Emulator, Store, move_to

IN_CI = os.environ.get("CI") == "true"
LONG = (
    "test_planted_mistakes.py",
    "test_kill.py",
    "test_wheel.py",
    "test_libreoffice.py",
    "test_doors.py",
    "test_offline_followups.py",
    "test_javarosa_child_situation.py",
    "test_hostile.py",
    "test_migrations.py",
    "test_addresses.py",
)
"""Modules with tests of many seconds: begun last, one of them would run on alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)


def leave_out(reason: str) -> None:
    """Skip a test for want of a program; in CI that is a failure."""
    if IN_CI:
        pytest.fail(f"{reason}; in CI nothing is left out")
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _quick_starts() -> None:
    seal_quickly()
    compile_routes_once()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test run."""
    yield from _run_cluster()


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test alone, which may stop it."""
    yield from _run_cluster()


def _run_cluster() -> Iterator[Cluster]:
    programs = find_programs()
    if programs is None:
        leave_out("PostgreSQL's programs (initdb, postgres) are missing")
    else:
        with Cluster(programs) as running:
            yield running


@pytest.fixture(scope="session")
def sqlite_scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return Scenes(tmp_path_factory.mktemp("scenes"))


@pytest.fixture(scope="session")
def postgresql_scenes(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return Scenes(tmp_path_factory.mktemp("scenes"), cluster)


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    """What was done before a test begins; modules with much to prepare have their own."""
    if "token" in request.fixturenames:
        return (offer_houses,)
    return (publish_form,) if "offered" in request.fixturenames else ()


@pytest.fixture
def offered() -> None:
    """The project offers the form `houses` (see `scene`)."""


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """An S3-compatible object store of this test process."""
    if not stores.is_installed():
        leave_out("moto is missing")
    running = Emulator()
    yield running
    running.stop()


@pytest.fixture
def store(emulator: Emulator) -> Iterator[Store]:
    """A bucket of this test alone."""
    with emulator.bucket() as bucket:
        yield bucket


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, scene: Scene, tmp_path: Path
) -> Iterator[Installation]:
    """A prepared installation on each of the two databases, as the scene left it.

    Tests that ask for "store" have one on SQLite whose files are in an object store.
    """
    database = "sqlite" if request.param == "store" else request.param
    scenes: Scenes = request.getfixturevalue(f"{database}_scenes")
    copy = scenes.copy(scene, tmp_path / "data")
    if request.param == "store":
        move_to(request.getfixturevalue("store"), copy)
    yield copy
    scenes.drop(copy)


@pytest.fixture(params=["sqlite", "postgresql"])
def breakable(request: pytest.FixtureRequest, tmp_path: Path) -> Breakable:
    """A prepared installation on each of the two databases, which can be taken away."""
    if request.param == "sqlite":
        scenes: Scenes = request.getfixturevalue("sqlite_scenes")
        installation = scenes.copy((), tmp_path / "data")
        return Breakable(installation, lambda: without_file(installation))
    cluster: Cluster = request.getfixturevalue("own_cluster")
    installation = Installation(tmp_path / "data", cluster.url(cluster.create()))
    within(installation, prepare)
    return Breakable(installation, lambda: stopped(cluster))


@pytest.fixture
def app(installation: Installation) -> Iterator[object]:
    """The application in this process, inside its context."""
    application = installation.create_app()
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def token(app) -> str:
    """The token of `bob`, an app user of a project that offers the form `houses`."""
    [bob] = [user for user in list_app_users(get_project()) if user.actor.display_name == "bob"]
    token = unseal(bob.token_sealed, app.config["PHIEU"].secret_key)
    db.session.remove()
    return token


def publish_houses(installation: Installation, folder: Path) -> None:
    """Publish the form `houses` by command."""
    installation.run("forms", "publish", write_workbook(folder, HOUSES))


@pytest.fixture
def collect(token: str) -> str:
    """The path that bob's phone has as its server."""
    return f"/v1/key/{token}/projects/1"


@pytest.fixture
def submit(app, collect: str) -> Callable:
    """Send an instance, and files as (name, bytes), as bob's phone does."""

    def send(xml: bytes | None, *files, is_incomplete: bool = False, to: str = collect):
        body, content_type = multipart(xml, files, is_incomplete=is_incomplete)
        with app.app_context():
            return app.test_client().post(
                f"{to}/submission?deviceID=collect%3A{uuid.UUID(int=7).hex[:16]}",
                data=body,
                content_type=content_type,
            )

    return send


@pytest.fixture
def server(installation: Installation) -> Iterator[Server]:
    """`phieu serve` as a process, on each of the two databases."""
    with serve(installation) as running:
        yield running
