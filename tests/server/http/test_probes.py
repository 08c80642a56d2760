"""/healthz says that the process answers, /readyz that it can work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.db import db


@pytest.fixture
def client(breakable) -> Iterator[object]:
    app = breakable.installation.create_app()
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


def close_connections(client) -> None:
    """An open connection to SQLite outlives its file's name."""
    with client.application.app_context():
        db.session.remove()
        db.engine.dispose()


def statuses(client) -> dict[str, int]:
    return {path: client.get(path).status_code for path in ("/healthz", "/readyz")}


def test_the_probes_follow_the_database(client, breakable):
    before = statuses(client)
    close_connections(client)
    with breakable.outage():
        gone = statuses(client)
    after = statuses(client)

    assert before == {"/healthz": 200, "/readyz": 200}
    assert gone == {"/healthz": 200, "/readyz": 503}
    assert after == before


@pytest.mark.parametrize("breakable", ["sqlite"], indirect=True)
def test_an_installation_without_its_folder_of_uploads_is_not_ready(client, breakable):
    (breakable.installation.data / "storage" / "uploads").rmdir()

    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("breakable", ["sqlite"], indirect=True)
def test_an_installation_that_was_never_started_is_not_ready(client, breakable, tmp_path):
    breakable.installation.data = tmp_path / "empty"
    app = breakable.installation.create_app()

    response = app.test_client().get("/readyz")

    assert (response.status_code, response.text) == (503, "not ready\n")
    close_connections(app.test_client())
