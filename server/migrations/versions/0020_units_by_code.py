"""A unit is found by its code, whatever the edition."""

from __future__ import annotations

from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_units_code", "units", ["code"])


def downgrade() -> None:
    op.drop_index("ix_units_code", table_name="units")
