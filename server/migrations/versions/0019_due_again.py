"""Whether anybody heard of what is overdue, which child a visit is about, two days in lieu."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op


revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PAGE = 1000
IN_LIEU = {
    date(2026, 4, 27): "Nghỉ bù Giỗ Tổ Hùng Vương",
    date(2027, 5, 3): "Nghỉ bù Ngày Quốc tế lao động",
}
"""Where somebody has given such a day already, theirs stays."""
UNHEARD = sa.text("told_at IS NOT NULL AND heard_at IS NULL")


def upgrade() -> None:
    op.add_column("due_items", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE due_items SET heard_at = told_at")
    op.create_index(
        "ix_due_items_unheard",
        "due_items",
        ["entity_id", "kind"],
        sqlite_where=UNHEARD,
        postgresql_where=UNHEARD,
    )
    op.add_column("due_items", sa.Column("child_uuid", sa.String(length=36), nullable=True))
    op.create_index("ix_due_items_of_child", "due_items", ["child_uuid", "due_at", "dataset_id"])
    name_children()
    add_days_in_lieu()


def name_children() -> None:
    """Of visits: the child itself, or that to which the case is linked."""
    items, entities, datasets = (
        sa.table("due_items", *map(sa.column, ("entity_id", "kind", "child_uuid"))),
        sa.table("entities", *map(sa.column, ("id", "uuid", "dataset_id")), sa.column("data", sa.JSON)),
        sa.table("datasets", *map(sa.column, ("id", "name"))),
    )
    query = (
        sa.select(entities.c.id, entities.c.uuid, entities.c.data, datasets.c.name)
        .join(items, items.c.entity_id == entities.c.id)
        .join(datasets, datasets.c.id == entities.c.dataset_id)
        .where(items.c.kind == "visit")
        .order_by(entities.c.id)
        .limit(PAGE)
    )
    change = sa.update(items).where(items.c.entity_id == sa.bindparam("id"), items.c.kind == "visit")
    change = change.values(child_uuid=sa.bindparam("child"))
    connection, last = op.get_bind(), 0
    while rows := connection.execute(query.where(entities.c.id > last)).all():
        last = rows[-1].id
        told = [(r.id, r.uuid if r.name == "child" else r.data.get("child_id")) for r in rows]
        known = [{"id": id_, "child": child} for id_, child in told if child and len(child) <= 36]
        if known:
            connection.execute(change, known)


def add_days_in_lieu() -> None:
    holidays = sa.table(
        "holidays", sa.column("day", sa.Date), sa.column("name"), sa.column("is_worked", sa.Boolean)
    )
    known = set(op.get_bind().execute(sa.select(holidays.c.day)).scalars())
    missing = [
        {"day": day, "name": name, "is_worked": False}
        for day, name in IN_LIEU.items()
        if day not in known
    ]
    op.bulk_insert(holidays, missing)


def downgrade() -> None:
    op.drop_index("ix_due_items_of_child", "due_items")
    op.drop_column("due_items", "child_uuid")
    op.drop_index("ix_due_items_unheard", "due_items")
    op.drop_column("due_items", "heard_at")
