"""Alembic's entry: run the migrations with the application's engine."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from server.db import UtcDateTime, db

_LOCK = 7_261_348_512  # any number, the same in every process


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own type as the plain one that it is in the database."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade in one transaction; two processes that start at once take turns."""
    with db.engine.connect() as connection:
        is_postgresql = connection.dialect.name == "postgresql"
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=not is_postgresql,
            compare_type=True,
            render_item=_render_item,
        )
        with context.begin_transaction():
            if is_postgresql:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            context.run_migrations()
        connection.commit()


run()
