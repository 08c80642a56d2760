"""Ways in that may do more than a phone: an app user with a further role."""

from __future__ import annotations

from server.actions.people import add_app_user
from server.cli.common import operator, today
from server.db import db, transaction
from server.queries.actors import assign
from server.queries.projects import get_project
from tests.helpers.installations import Installation


def add_reader(role: int, *, secret_key: str, unit_codes: tuple[str, ...] = ()) -> str:
    """The token of an app user who also has the role at the project; inside an application."""
    with transaction():
        project = get_project()
        app_user, token = add_app_user(
            "reader",
            project=project,
            form_ids=(),
            unit_codes=unit_codes,
            on=today(),
            secret_key=secret_key,
            by=operator(),
        )
        assign(app_user.actor_id, role, project_id=project.id)
    return token


def reader_path(installation: Installation, role: int, *, unit_codes: tuple[str, ...] = ()) -> str:
    """The path below the server's address that such an app user has."""
    app = installation.create_app()
    with app.app_context():
        secret_key = app.config["PHIEU"].secret_key
        token = add_reader(role, secret_key=secret_key, unit_codes=unit_codes)
        db.session.remove()
        db.engine.dispose()
    return f"/v1/key/{token}/projects/1"
