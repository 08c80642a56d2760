"""Successions of units and villages; what is under a unit is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNIT = ["units.edition", "units.code"]


def upgrade() -> None:
    op.create_index("ix_units_edition_parent_code", "units", ["edition", "parent_code", "code"])
    op.create_table(
        "successions",
        sa.Column("from_edition", sa.String(length=32), nullable=False),
        sa.Column("from_code", sa.String(length=16), nullable=False),
        sa.Column("to_edition", sa.String(length=32), nullable=False),
        sa.Column("to_code", sa.String(length=16), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column(
            "extent",
            sa.Enum("whole", "part", name="extent", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["from_edition", "from_code"],
            UNIT,
            name=op.f("fk_successions_from_edition_units"),
        ),
        sa.ForeignKeyConstraint(
            ["to_edition", "to_code"], UNIT, name=op.f("fk_successions_to_edition_units")
        ),
        sa.PrimaryKeyConstraint(
            "from_edition", "from_code", "to_edition", "to_code", name=op.f("pk_successions")
        ),
    )
    op.create_index("ix_successions_to", "successions", ["to_edition", "to_code"])
    op.create_table(
        "villages",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("edition", sa.String(length=32), nullable=False),
        sa.Column("commune_code", sa.String(length=16), nullable=False),
        sa.Column("legacy_edition", sa.String(length=32), nullable=True),
        sa.Column("legacy_commune_code", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition", "commune_code"], UNIT, name=op.f("fk_villages_edition_units")
        ),
        sa.ForeignKeyConstraint(
            ["legacy_edition", "legacy_commune_code"],
            UNIT,
            name=op.f("fk_villages_legacy_edition_units"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_villages")),
    )
    op.create_index("ix_villages_edition_commune_code", "villages", ["edition", "commune_code"])


def downgrade() -> None:
    op.drop_index("ix_villages_edition_commune_code", table_name="villages")
    op.drop_table("villages")
    op.drop_index("ix_successions_to", table_name="successions")
    op.drop_table("successions")
    op.drop_index("ix_units_edition_parent_code", table_name="units")
