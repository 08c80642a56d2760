"""Duties beside Central's roles; forms say what they gather; the audit log from where and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DUTIES = (
    (101, "collaborator", "Village collaborator"),
    (102, "commune_officer", "Commune officer"),
    (103, "commune_lead", "Commune leadership"),
    (104, "district_viewer", "District viewer"),
    (105, "province_officer", "Province officer"),
    (106, "partner", "Partner focal point"),
    (107, "sysadmin", "System administrator"),
    (108, "dpo", "Data protection officer"),
)
CLASSES = {
    "abuse_report": "case",
    "case_followup": "case",
    "commune_plan": "plan",
    "village_monthly": "report",
}


def upgrade() -> None:
    with op.batch_alter_table("audits") as batch:
        batch.add_column(sa.Column("source", sa.String(64), nullable=True))
        batch.add_column(sa.Column("notes", sa.String(1000), nullable=True))
    data_class = sa.Enum(
        "register", "case", "plan", "report", name="dataclass", native_enum=False, length=32
    )
    # Not in a batch: SQLite would make the table anew, to which others refer.
    op.add_column(
        "forms", sa.Column("data_class", data_class, nullable=False, server_default="register")
    )
    forms = sa.table("forms", sa.column("xml_form_id"), sa.column("data_class"))
    for xml_form_id, data_class in CLASSES.items():
        op.execute(
            forms.update().where(forms.c.xml_form_id == xml_form_id).values(data_class=data_class)
        )
    with op.batch_alter_table("assignments") as batch:
        batch.add_column(sa.Column("submission_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_assignments_submission_id_submissions"),
            "submissions",
            ["submission_id"],
            ["id"],
        )
        batch.create_index("ix_assignments_unit", ["edition", "unit_code"])
    op.drop_column("roles", "verbs")
    roles = sa.table(
        "roles",
        sa.column("id", sa.Integer),
        sa.column("system", sa.String),
        sa.column("name", sa.String),
    )
    op.bulk_insert(
        roles, [{"id": id_, "system": system, "name": name} for id_, system, name in DUTIES]
    )


def downgrade() -> None:
    roles = sa.table("roles", sa.column("id", sa.Integer))
    op.execute(roles.delete().where(roles.c.id > 100))
    op.add_column("roles", sa.Column("verbs", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("assignments") as batch:
        batch.drop_index("ix_assignments_unit")
        batch.drop_constraint(
            op.f("fk_assignments_submission_id_submissions"), type_="foreignkey"
        )
        batch.drop_column("submission_id")
    op.drop_column("forms", "data_class")
    with op.batch_alter_table("audits") as batch:
        batch.drop_column("notes")
        batch.drop_column("source")
