"""The migrations make exactly the tables that the models declare, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from server.actions.due.escalating import escalate_overdue
from server.cli.common import operator
from server.cli.schema import enable_migrations
from server.db import db, transaction, utc_now
from server.models import DueItem, Submission, User
from server.queries import holidays
from server.queries.forms import get_current_version, list_forms
from tests.helpers.cases import (
    add_child,
    follow_case,
    open_case,
    plan_visit,
    publish_register,
)


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
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


def test_of_accounts_with_one_address_the_oldest_that_lives_keeps_it(app):
    enable_migrations(app)
    downgrade(revision="0004")
    add_users(
        (901, "Hoa@b.vn", "2026-01-01 00:00:00"),
        (902, "HOA@b.vn", None),
        (903, "hoa@b.vn", None),
        (904, "lan@b.vn", None),
    )

    upgrade()

    users = {user.actor_id: user for user in db.session.scalars(select(User))}
    assert users[902].email == "HOA@b.vn"
    assert users[902].disabled_at is None
    assert (users[901].email, users[903].email) == ("Hoa@b.vn#901", "hoa@b.vn#903")
    assert users[901].disabled_at.year == 2026
    assert users[903].disabled_at is not None
    assert users[904].disabled_at is None
    db.session.remove()
    with pytest.raises(IntegrityError):
        add_users((905, "LAN@B.VN", None))


def add_users(*rows: tuple[int, str, str | None]) -> None:
    """Rows as an older version wrote them."""
    with db.engine.begin() as connection:
        for actor_id, email, disabled_at in rows:
            values = {"id": actor_id, "email": email, "disabled": disabled_at}
            connection.execute(
                text(
                    "INSERT INTO actors (id, type, display_name, created_at)"
                    " VALUES (:id, 'user', :email, '2026-01-01 00:00:00.000000')"
                ),
                values,
            )
            disabled = f"'{disabled_at}.000000'" if disabled_at else "NULL"
            connection.execute(
                text(
                    "INSERT INTO users (actor_id, email, must_change_password, disabled_at)"
                    f" VALUES (:id, :email, false, {disabled})"
                ),
                values,
            )


def current_version() -> tuple[int, int]:
    form = list_forms(1)[0]
    ids = form.id, get_current_version(form).id
    db.session.remove()
    return ids


def test_what_was_told_before_counts_as_heard(app, tmp_path):
    publish_register(tmp_path)
    open_case("2602-1a2b3", "2026-02-13T23:30:00")
    with transaction():
        escalate_overdue(now=utc_now(), has_post=False, by=operator())
    db.session.remove()
    enable_migrations(app)
    downgrade(revision="0017")

    upgrade()

    [(told_at, heard_at)] = db.session.execute(select(DueItem.told_at, DueItem.heard_at))
    assert told_at == heard_at is not None


def test_which_child_a_visit_is_about_is_known_of_those_from_before(app, tmp_path):
    publish_register(tmp_path)
    child = add_child("Lan")
    plan_visit(child, 1, "2026-02-19")
    case = open_case("2602-1a2b3", "2026-02-13T23:30:00", child_ref=child)
    follow_case(case, 1, next_visit="2026-02-19")
    query = select(DueItem.kind, DueItem.child_uuid).order_by(DueItem.entity_id, DueItem.kind)
    before = db.session.execute(query).all()
    db.session.remove()
    enable_migrations(app)
    downgrade(revision="0017")

    upgrade()

    assert db.session.execute(query).all() == before
    assert [child_uuid for _, child_uuid in before] == [child, None, child]


def test_days_in_lieu_are_added_where_nobody_gave_them(app):
    with transaction():
        holidays.remove_holiday(date(2027, 5, 3))
        holidays.bring_holidays([(date(2026, 4, 27), "Giỗ Tổ", False)])
    db.session.remove()
    enable_migrations(app)
    downgrade(revision="0017")

    upgrade()

    days = {row.day: row.name for row in holidays.list_holidays()}
    assert days[date(2026, 4, 27)] == "Giỗ Tổ"
    assert days[date(2027, 5, 3)] == "Nghỉ bù Ngày Quốc tế lao động"
