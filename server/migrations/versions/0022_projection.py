"""Which file of the projection holds which version of a submission."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "projection_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(32), nullable=True),
        sa.Column("commune_code", sa.String(16), nullable=True),
        sa.Column("is_by_commune", sa.Boolean(), nullable=False),
        sa.Column("is_sealed", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("xml_size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms.id"], name=op.f("fk_projection_files_form_id_forms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection_files")),
        sa.UniqueConstraint("name", name=op.f("uq_projection_files_name")),
    )
    op.create_index(
        "ix_projection_files_of_form", "projection_files", ["form_id", "retired_at"]
    )
    op.create_table(
        "projected_versions",
        sa.Column("submission_version_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("xml_size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_projected_versions_submission_version_id_submission_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["projection_files.id"],
            name=op.f("fk_projected_versions_file_id_projection_files"),
        ),
        sa.PrimaryKeyConstraint("submission_version_id", name=op.f("pk_projected_versions")),
    )
    op.create_index(op.f("ix_projected_versions_file_id"), "projected_versions", ["file_id"])


def downgrade() -> None:
    op.drop_table("projected_versions")
    op.drop_table("projection_files")
