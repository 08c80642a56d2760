"""The consent of each visit; submissions are hidden, then erased, where it ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("submissions", "hidden_at"),
    ("submissions", "erased_at"),
    ("submission_versions", "erased_at"),
    ("submission_attachments", "erased_at"),
)
_REFERENCES = (
    ("project_id", "projects"),
    ("form_id", "forms"),
    ("submission_id", "submissions"),
    ("submission_version_id", "submission_versions"),
    ("collected_by_id", "actors"),
    ("withdrawn_by_id", "actors"),
)


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("submission_version_id", sa.Integer(), nullable=False),
        sa.Column("household_key", sa.String(249), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "given", "refused", "withdrawn", name="consentstate", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("basis", sa.String(64), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_version", sa.String(249), nullable=False),
        sa.Column("collected_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(1000), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_consents_{column}_{table}")
            )
            for column, table in _REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_consents_submission_id")),
    )
    op.create_index("ix_consents_household", "consents", ["project_id", "household_key"])


def downgrade() -> None:
    op.drop_index("ix_consents_household", table_name="consents")
    op.drop_table("consents")
    for table, column in reversed(_COLUMNS):
        op.drop_column(table, column)
