"""Digest for people who asked for it; failed sign-ins, counted; edits that wait for their original."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("digest_ha1", sa.String(500), nullable=True))
    op.create_table(
        "failed_sign_ins",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_failed_sign_ins")),
    )
    op.create_table(
        "held_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.String(249), nullable=False),
        sa.Column("deprecated_id", sa.String(249), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.String(255), nullable=True),
        sa.Column("user_agent", sa.String(255), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_held_edits_actor_id_actors")
        ),
        sa.ForeignKeyConstraint(
            ["form_version_id"],
            ["form_versions.id"],
            name=op.f("fk_held_edits_form_version_id_form_versions"),
        ),
        sa.ForeignKeyConstraint(["form_id"], ["forms.id"], name=op.f("fk_held_edits_form_id_forms")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_held_edits_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_edits")),
        sa.UniqueConstraint("form_id", "instance_id", name=op.f("uq_held_edits_form_id_instance_id")),
    )
    op.create_index(
        op.f("ix_held_edits_form_id_deprecated_id"), "held_edits", ["form_id", "deprecated_id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_held_edits_form_id_deprecated_id"), table_name="held_edits")
    op.drop_table("held_edits")
    op.drop_table("failed_sign_ins")
    with op.batch_alter_table("users") as users:
        users.drop_column("digest_ha1")
