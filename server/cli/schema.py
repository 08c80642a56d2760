"""The database's schema: bring it up to date, say which it is.

Alembic is loaded only here, by the few commands that need it.
"""

from __future__ import annotations

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import Migrate, upgrade

from server.db import db

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def enable_migrations(app: Flask) -> None:
    """Let flask-migrate find the scripts."""
    Migrate(app, db, directory=str(MIGRATIONS))


def upgrade_schema() -> None:
    enable_migrations(current_app._get_current_object())  # type: ignore[attr-defined]
    upgrade()


def schema_revision() -> tuple[str | None, str | None]:
    """The database's schema and the newest one of this program."""
    script = ScriptDirectory(str(MIGRATIONS))
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, script.get_current_head()


def is_known_revision(revision: str | None) -> bool:
    """False for a schema that a newer version of this program made."""
    script = ScriptDirectory(str(MIGRATIONS))
    return revision is None or revision in {known.revision for known in script.walk_revisions()}
