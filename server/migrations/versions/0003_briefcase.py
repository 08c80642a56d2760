"""When submissions last changed, and how far other servers have been pulled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EPOCH = "1970-01-01 00:00:00.000000"


def upgrade() -> None:
    # A constant default lets both databases add the column in place: SQLite would otherwise have to
    # drop and remake the table, which other tables refer to.
    changed_at = sa.Column(
        "changed_at", sa.DateTime(timezone=True), nullable=False, server_default=EPOCH
    )
    op.add_column("submissions", changed_at)
    op.execute("UPDATE submissions SET changed_at = COALESCE(updated_at, created_at)")
    op.create_index(
        "ix_submissions_by_change",
        "submissions",
        ["project_id", "form_id", "is_draft", "changed_at", "id"],
    )
    op.create_table(
        "pull_cursors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("xml_form_id", sa.String(length=249), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_pull_cursors_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pull_cursors")),
        sa.UniqueConstraint(
            "project_id",
            "source_sha256",
            "xml_form_id",
            name=op.f("uq_pull_cursors_project_id_source_sha256_xml_form_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("pull_cursors")
    op.drop_index("ix_submissions_by_change", "submissions")
    op.drop_column("submissions", "changed_at")
