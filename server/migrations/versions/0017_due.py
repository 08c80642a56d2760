"""Clocks that run for cases and children, and holidays with those of Vietnam 2025 to 2027."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SHIPPED = Path(__file__).parents[2] / "data" / "holidays.csv"


def upgrade() -> None:
    op.create_table(
        "due_items",
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("emergency", "plan", "visit", name="duekind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("village_code", sa.String(length=32), nullable=True),
        sa.Column("edition", sa.String(length=32), nullable=True),
        sa.Column("commune_code", sa.String(length=16), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_due_items_dataset_id_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_due_items_entity_id_entities")
        ),
        sa.PrimaryKeyConstraint("entity_id", "kind", name=op.f("pk_due_items")),
    )
    op.create_index(
        "ix_due_items_by_commune", "due_items", ["edition", "commune_code", "dataset_id"]
    )
    op.create_index("ix_due_items_by_village", "due_items", ["village_code", "dataset_id"])
    op.create_index("ix_due_items_untold", "due_items", ["told_at", "due_at"])
    holidays = op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_worked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holidays")),
    )
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = [
            {"day": date.fromisoformat(row["day"]), "name": row["name"], "is_worked": False}
            for row in csv.DictReader(file)
        ]
    op.bulk_insert(holidays, rows)


def downgrade() -> None:
    op.drop_table("holidays")
    op.drop_table("due_items")
