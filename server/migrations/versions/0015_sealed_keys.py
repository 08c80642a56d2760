"""Keys of comparisons are sealed with the installation's secret; `submissions check` makes them."""

from __future__ import annotations

from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM check_keys")
    op.drop_index("ix_check_keys_key", table_name="check_keys")
    op.create_index("ix_check_keys_key", "check_keys", ["key", "submission_id"])


def downgrade() -> None:
    op.execute("DELETE FROM check_keys")
    op.drop_index("ix_check_keys_key", table_name="check_keys")
    op.create_index("ix_check_keys_key", "check_keys", ["form_id", "code", "key", "submission_id"])
