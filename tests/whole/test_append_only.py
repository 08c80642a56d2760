"""The audit log is append-only in the database itself, whoever holds the connection."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from server.cli.schema import enable_migrations
from server.db import db, utc_now

YOUNG, OLD = 1825, 1827


def add_row(number: int, *, days: int = 0) -> None:
    run(
        "INSERT INTO audits (id, action, actee_type, logged_at) VALUES (:id, 'x', 'form', :at)",
        id=number,
        at=(utc_now() - timedelta(days=days)).replace(tzinfo=None).isoformat(" "),
    )


def run(statement: str, **values: object) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def ids() -> list[int]:
    with db.engine.connect() as connection:
        return list(
            connection.execute(text("SELECT id FROM audits WHERE id > 900 ORDER BY id")).scalars()
        )


def test_a_row_is_never_changed_however_old(app):
    add_row(901)
    add_row(902, days=OLD)

    for number in (901, 902):
        with pytest.raises(IntegrityError, match="never changed"):
            run("UPDATE audits SET actor_id = NULL WHERE id = :id", id=number)


def test_a_row_is_deleted_after_five_years_and_not_before(app):
    add_row(901, days=YOUNG)
    add_row(902, days=OLD)

    run("DELETE FROM audits WHERE id = 902")
    with pytest.raises(IntegrityError, match="five years"):
        run("DELETE FROM audits WHERE id = 901")

    assert ids() == [901]


def test_a_row_is_not_written_over(app):
    add_row(901)
    write_over = {
        "sqlite": [
            "INSERT OR REPLACE INTO audits {}",
            "INSERT INTO audits {} ON CONFLICT (id) DO UPDATE SET action = 'y'",
        ],
        "postgresql": ["INSERT INTO audits {} ON CONFLICT (id) DO UPDATE SET action = 'y'"],
    }

    for statement in write_over[db.engine.dialect.name]:
        values = (
            "(id, action, actee_type, logged_at) VALUES (901, 'y', 'form', '2026-01-01 00:00:00')"
        )
        with pytest.raises(IntegrityError, match="never changed"):
            run(statement.format(values))


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_the_table_is_not_emptied(app):
    add_row(901)

    for statement in ("TRUNCATE audits", "TRUNCATE actors CASCADE"):
        with pytest.raises(IntegrityError, match="five years"):
            run(statement)
    with pytest.raises(IntegrityError):
        run("SET LOCAL session_replication_role = replica; DELETE FROM audits")

    assert ids() == [901]


def test_the_guards_come_back_with_the_schema(app):
    add_row(901)
    db.session.remove()
    enable_migrations(app)

    downgrade(revision="0008")
    run("UPDATE audits SET action = 'y' WHERE id = 901")
    upgrade()

    with pytest.raises(IntegrityError):
        run("DELETE FROM audits")
