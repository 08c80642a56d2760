"""What restricted forms say of entities, and what was merged into an entity by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restricted_facts",
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=249), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("submission_version_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_restricted_facts_entity_id_entities")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_restricted_facts_submission_id_submissions"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_restricted_facts_submission_version_id_submission_versions"),
        ),
        sa.PrimaryKeyConstraint(
            "entity_id", "name", "submission_id", name=op.f("pk_restricted_facts")
        ),
    )
    op.create_index(
        op.f("ix_restricted_facts_submission_id"), "restricted_facts", ["submission_id"]
    )
    op.create_index(op.f("ix_entities_merged_into_id"), "entities", ["merged_into_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_entities_merged_into_id"), "entities")
    op.drop_table("restricted_facts")
