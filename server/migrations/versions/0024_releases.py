"""Releases of de-identified data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(1000), nullable=False),
        sa.Column("recipient", sa.String(1000), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("key_sealed", sa.String(255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{to}_id"], [f"{to}s.id"], name=op.f(f"fk_releases_{to}_id_{to}s")
            )
            for to in ("project", "form", "actor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_project_id"), "releases", ["project_id"])


def downgrade() -> None:
    op.drop_table("releases")
