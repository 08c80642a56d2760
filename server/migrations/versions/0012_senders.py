"""Where the sender of a submission worked, for submissions whose commune cannot be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: SQLite would make the table anew, to which others refer.
    op.add_column("submissions", sa.Column("sender_edition", sa.String(32), nullable=True))
    op.add_column("submissions", sa.Column("sender_commune_code", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("submissions", "sender_commune_code")
    op.drop_column("submissions", "sender_edition")
