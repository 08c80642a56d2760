"""The migrations make exactly the tables that the models declare, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from server.cli.schema import enable_migrations
from server.db import db
from server.models import Submission
from server.queries.forms import get_current_version, list_forms


def test_no_drift_between_migrations_and_models(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        differences = compare_metadata(context, db.metadata)

    assert differences == []


def test_submissions_from_before_changed_when_they_were_last_edited_or_received(app):
    form_id, version_id = current_version()
    enable_migrations(app)
    downgrade(revision="0001")
    columns = (
        "project_id, form_id, is_draft, instance_id, form_version_id, review_state, created_at"
    )
    with db.engine.begin() as connection:
        for instance_id, edited in (("uuid:1", None), ("uuid:2", "2026-04-02 00:00:00.000000")):
            connection.execute(
                text(
                    f"INSERT INTO submissions ({columns}, updated_at) VALUES (1, :form, false, :id,"
                    " :version, 'received', '2026-03-01 00:00:00.000000', :edited)"
                ),
                {"form": form_id, "version": version_id, "id": instance_id, "edited": edited},
            )

    upgrade()

    rows = db.session.execute(select(Submission.instance_id, Submission.changed_at)).all()
    changed = {instance_id: moment.month for instance_id, moment in rows}
    assert changed == {"uuid:1": 3, "uuid:2": 4}


def current_version() -> tuple[int, int]:
    form = list_forms(1)[0]
    ids = form.id, get_current_version(form).id
    db.session.remove()
    return ids
