"""Keys of encrypted forms, a project's key, and what the server notices in submissions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=2000), nullable=False),
        sa.Column("private", sa.Text(), nullable=True),
        sa.Column("managed", sa.Boolean(), nullable=False),
        sa.Column("hint", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("public", name=op.f("uq_keys_public")),
    )
    # Both databases take this statement. Alembic's way on SQLite makes the table anew, and dropping
    # the old one would break the references of all others to it.
    op.execute(
        "ALTER TABLE projects ADD COLUMN key_id INTEGER"
        " CONSTRAINT fk_projects_key_id_keys REFERENCES keys (id)"
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_findings_submission_version_id_submission_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(
        op.f("ix_findings_submission_version_id"), "findings", ["submission_version_id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_findings_submission_version_id"), table_name="findings")
    op.drop_table("findings")
    op.execute("ALTER TABLE projects DROP COLUMN key_id")
    op.drop_table("keys")
