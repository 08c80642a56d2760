"""Whether anybody heard of what is overdue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

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


def downgrade() -> None:
    op.drop_index("ix_due_items_unheard", "due_items")
    op.drop_column("due_items", "heard_at")
