"""Entity lists, entities with their versions, what waits, and marks of what phones have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=249), nullable=False),
        sa.Column("name_key", sa.String(length=249), nullable=False),
        sa.Column("approval_required", sa.Boolean(), nullable=False),
        sa.Column("owner_only", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_datasets_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
        sa.UniqueConstraint("project_id", "name_key", name=op.f("uq_datasets_project_id_name_key")),
    )
    op.create_table(
        "dataset_properties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=249), nullable=False),
        sa.Column("name_key", sa.String(length=249), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_dataset_properties_dataset_id_datasets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_properties")),
        sa.UniqueConstraint(
            "dataset_id", "name_key", name=op.f("uq_dataset_properties_dataset_id_name_key")
        ),
    )
    op.create_table(
        "dataset_sources",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("creates", sa.Boolean(), nullable=False),
        sa.Column("updates", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_dataset_sources_dataset_id_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms.id"], name=op.f("fk_dataset_sources_form_id_forms")
        ),
        sa.PrimaryKeyConstraint("dataset_id", "form_id", "path", name=op.f("pk_dataset_sources")),
    )
    op.create_index("ix_dataset_sources_form_id", "dataset_sources", ["form_id"])

    op.create_table(
        "entities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column(
            "conflict",
            sa.Enum("soft", "hard", name="conflictstate", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("village_code", sa.String(length=32), nullable=True),
        sa.Column("edition", sa.String(length=32), nullable=True),
        sa.Column("commune_code", sa.String(length=16), nullable=True),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["actors.id"], name=op.f("fk_entities_creator_id_actors")
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_entities_dataset_id_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["entities.id"], name=op.f("fk_entities_merged_into_id_entities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entities")),
        sa.UniqueConstraint("dataset_id", "uuid", name=op.f("uq_entities_dataset_id_uuid")),
    )
    op.create_index(
        "ix_entities_by_commune", "entities", ["dataset_id", "edition", "commune_code", "village_code"]
    )
    op.create_index("ix_entities_by_village", "entities", ["dataset_id", "village_code"])
    op.create_index("ix_entities_in_order", "entities", ["dataset_id", "id"])

    op.create_table(
        "entity_marks",
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("village_code", sa.String(length=32), nullable=True),
        sa.Column("edition", sa.String(length=32), nullable=True),
        sa.Column("commune_code", sa.String(length=16), nullable=True),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_entity_marks_dataset_id_datasets")
        ),
        sa.PrimaryKeyConstraint("dataset_id", "place", name=op.f("pk_entity_marks")),
    )
    op.create_table(
        "property_sources",
        sa.Column("property_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms.id"], name=op.f("fk_property_sources_form_id_forms")
        ),
        sa.ForeignKeyConstraint(
            ["property_id"],
            ["dataset_properties.id"],
            name=op.f("fk_property_sources_property_id_dataset_properties"),
        ),
        sa.PrimaryKeyConstraint("property_id", "form_id", name=op.f("pk_property_sources")),
    )
    op.create_index("ix_property_sources_form_id", "property_sources", ["form_id"])

    op.create_table(
        "entity_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("received", sa.JSON(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.String(length=64), nullable=False),
        sa.Column("trunk_version", sa.Integer(), nullable=True),
        sa.Column("branch_base_version", sa.Integer(), nullable=True),
        sa.Column("is_forced_create", sa.Boolean(), nullable=False),
        sa.Column(
            "conflict",
            sa.Enum("soft", "hard", name="conflictstate", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("conflicting", sa.JSON(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("submission_version_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["actors.id"], name=op.f("fk_entity_versions_creator_id_actors")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_entity_versions_entity_id_entities")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_entity_versions_submission_id_submissions"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_entity_versions_submission_version_id_submission_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_versions")),
        sa.UniqueConstraint(
            "entity_id", "number", name=op.f("uq_entity_versions_entity_id_number")
        ),
    )
    op.create_index("ix_entity_versions_submission_id", "entity_versions", ["submission_id"])

    op.create_table(
        "held_changes",
        sa.Column("submission_version_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_held_changes_dataset_id_datasets")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_held_changes_submission_id_submissions"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_version_id"],
            ["submission_versions.id"],
            name=op.f("fk_held_changes_submission_version_id_submission_versions"),
        ),
        sa.PrimaryKeyConstraint("submission_version_id", name=op.f("pk_held_changes")),
    )
    op.create_index("ix_held_changes_key", "held_changes", ["key"])
    op.create_index("ix_held_changes_since", "held_changes", ["since"])
    op.create_index("ix_held_changes_submission_id", "held_changes", ["submission_id"])


def downgrade() -> None:
    op.drop_table("held_changes")
    op.drop_table("entity_versions")
    op.drop_table("property_sources")
    op.drop_table("entity_marks")
    op.drop_table("entities")
    op.drop_table("dataset_sources")
    op.drop_table("dataset_properties")
    op.drop_table("datasets")
