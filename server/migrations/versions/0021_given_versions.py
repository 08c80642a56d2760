"""What entities have of others that were merged into them is found without reading all versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

GIVEN = sa.text("source LIKE 'merge %' OR source LIKE 'via %'")


def upgrade() -> None:
    op.create_index(
        "ix_entity_versions_given",
        "entity_versions",
        ["source"],
        sqlite_where=GIVEN,
        postgresql_where=GIVEN,
    )


def downgrade() -> None:
    op.drop_index("ix_entity_versions_given", table_name="entity_versions")
