"""Sessions, one-time links for passwords, public links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, more in (
        ("sessions", [sa.Column("csrf", sa.String(64), nullable=False)]),
        ("password_resets", []),
    ):
        op.create_table(
            name,
            sa.Column("token_hash", sa.String(64), nullable=False),
            sa.Column("actor_id", sa.Integer(), nullable=False),
            *more,
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
            sa.ForeignKeyConstraint(
                ["actor_id"], ["actors.id"], name=op.f(f"fk_{name}_actor_id_actors")
            ),
            sa.PrimaryKeyConstraint("token_hash", name=op.f(f"pk_{name}")),
        )
        op.create_index(op.f(f"ix_{name}_actor_id"), name, ["actor_id"])
        op.create_index(op.f(f"ix_{name}_expires_at"), name, ["expires_at"])
    op.create_table(
        "public_links",
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("token_sealed", sa.String(500), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_public_links_actor_id_actors")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_public_links_project_id_projects")
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms.id"], name=op.f("fk_public_links_form_id_forms")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["actors.id"], name=op.f("fk_public_links_created_by_id_actors")
        ),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_public_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_public_links_token_hash")),
    )
    op.create_index(op.f("ix_public_links_form_id"), "public_links", ["form_id"])


def downgrade() -> None:
    op.drop_table("public_links")
    op.drop_table("password_resets")
    op.drop_table("sessions")
