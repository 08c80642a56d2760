"""Findings of checks, keys by which submissions are compared, and files that were served before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ORIGINS = ("receipt", "check")
_SEVERITIES = ("E", "W", "I")


def upgrade() -> None:
    # Not in a batch: SQLite would make the tables anew, to which others refer.
    for column in (
        sa.Column(
            "origin",
            sa.Enum(*_ORIGINS, name="origin", native_enum=False, length=32),
            server_default="receipt",
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum(*_SEVERITIES, name="severity", native_enum=False, length=32),
            server_default="W",
            nullable=False,
        ),
        sa.Column("value", sa.String(255), nullable=True),
    ):
        op.add_column("findings", column)
    op.add_column("form_versions", sa.Column("checks", sa.JSON(), nullable=True))
    op.create_table(
        "check_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("same", sa.String(64), nullable=True),
        sa.Column("path", sa.String(1000), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_check_keys_submission_id_submissions"
        ),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name="fk_check_keys_form_id_forms"),
        sa.PrimaryKeyConstraint("id", name="pk_check_keys"),
    )
    op.create_index("ix_check_keys_submission_id", "check_keys", ["submission_id"])
    op.create_index("ix_check_keys_key", "check_keys", ["form_id", "code", "key", "submission_id"])
    op.create_table(
        "served_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("storage_key", sa.String(255), nullable=False),
        sa.Column("served_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_version_id"],
            ["form_versions.id"],
            name="fk_served_files_form_version_id_form_versions",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_served_files"),
    )
    op.create_index("ix_served_files_form_version_id", "served_files", ["form_version_id"])


def downgrade() -> None:
    op.drop_table("served_files")
    op.drop_table("check_keys")
    op.drop_column("form_versions", "checks")
    for name in ("value", "severity", "origin"):
        op.drop_column("findings", name)
