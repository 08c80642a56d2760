"""Entity lists (datasets), entities and their versions, and what waits for a predecessor."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id, utc_now


class ConflictState(StrEnum):
    """Whether somebody should look at it: soft, written beside another; hard, over another."""

    SOFT = "soft"
    HARD = "hard"


class Dataset(Base):
    """A list of entities. Its name is unique in a project, whatever the letter case."""

    __tablename__ = "datasets"
    __table_args__ = (UniqueConstraint("project_id", "name_key"),)

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(249))
    name_key: Mapped[str] = mapped_column(String(249))
    approval_required: Mapped[bool] = mapped_column(default=False)
    owner_only: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]


class DatasetProperty(Base):
    """A property: the union of what all published forms save, and of what was declared by hand."""

    __tablename__ = "dataset_properties"
    __table_args__ = (UniqueConstraint("dataset_id", "name_key"),)

    id: Mapped[Id]
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"))
    name: Mapped[str] = mapped_column(String(249))
    name_key: Mapped[str] = mapped_column(String(249))
    published_at: Mapped[CreatedAt]


class DatasetSource(Base):
    """A form that writes a list from one of its containers; `path` is "" for the whole form."""

    __tablename__ = "dataset_sources"

    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"), primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), primary_key=True, index=True)
    path: Mapped[str] = mapped_column(String(1000), primary_key=True)
    creates: Mapped[bool]
    updates: Mapped[bool]


class PropertySource(Base):
    """A form that saves a property."""

    __tablename__ = "property_sources"

    property_id: Mapped[int] = mapped_column(ForeignKey("dataset_properties.id"), primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), primary_key=True, index=True)


class Entity(Base):
    """One child, household or case, as its newest version has it.

    `village_code`, `edition` and `commune_code` say on which phones it is. `merged_into_id` names
    the entity that it was found to be the same as.
    """

    __tablename__ = "entities"
    __table_args__ = (
        UniqueConstraint("dataset_id", "uuid"),
        Index("ix_entities_by_village", "dataset_id", "village_code"),
        Index("ix_entities_by_commune", "dataset_id", "edition", "commune_code", "village_code"),
        Index("ix_entities_in_order", "dataset_id", "id"),
    )

    id: Mapped[Id]
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    version: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, str]] = mapped_column(JSON)
    conflict: Mapped[ConflictState | None]
    village_code: Mapped[str | None] = mapped_column(String(32))
    edition: Mapped[str | None] = mapped_column(String(32))
    commune_code: Mapped[str | None] = mapped_column(String(16))
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("entities.id"), index=True)


_GIVEN = "source LIKE 'merge %' OR source LIKE 'via %'"
IS_GIVEN = text(f"({_GIVEN})")
"""Of few versions: they came from another entity, or for it (`source`)."""


class EntityVersion(Base):
    """What an entity was, and by what it became so; never rewritten but by lawful erasure.

    `data` is all of it, `received` what came. Columns of offline work are those of the
    specification (openrosa.md §9.5). The source is a container of a submission's version, or
    `source` says how it came: api, import, merge.
    """

    __tablename__ = "entity_versions"
    __table_args__ = (
        UniqueConstraint("entity_id", "number"),
        Index("ix_entity_versions_submission_id", "submission_id"),
        Index(
            "ix_entity_versions_given",
            "source",
            sqlite_where=text(_GIVEN),
            postgresql_where=text(_GIVEN),
        ),
    )

    id: Mapped[Id]
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, str]] = mapped_column(JSON)
    received: Mapped[dict[str, str]] = mapped_column(JSON)
    base_version: Mapped[int | None]
    branch_id: Mapped[str] = mapped_column(String(64), default="")
    trunk_version: Mapped[int | None]
    branch_base_version: Mapped[int | None]
    is_forced_create: Mapped[bool] = mapped_column(default=False)
    conflict: Mapped[ConflictState | None]
    conflicting: Mapped[list[str] | None] = mapped_column(JSON)
    resolved_at: Mapped[datetime | None]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))
    submission_version_id: Mapped[int | None] = mapped_column(ForeignKey("submission_versions.id"))
    path: Mapped[str] = mapped_column(String(1000), default="")
    source: Mapped[str] = mapped_column(String(255), default="")
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("actors.id"))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class HeldChange(Base):
    """A submission's version whose entities wait, all of them, for what `key` names."""

    __tablename__ = "held_changes"

    submission_version_id: Mapped[int] = mapped_column(
        ForeignKey("submission_versions.id"), primary_key=True
    )
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"))
    uuid: Mapped[str] = mapped_column(String(36))
    key: Mapped[str] = mapped_column(String(200), index=True)
    since: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class EntityMark(Base):
    """The state of a list in one place: another one whenever something there has changed.

    A phone's list is unchanged if the marks of its places are (one row for each village).
    """

    __tablename__ = "entity_marks"

    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(100), primary_key=True)
    village_code: Mapped[str | None] = mapped_column(String(32))
    edition: Mapped[str | None] = mapped_column(String(32))
    commune_code: Mapped[str | None] = mapped_column(String(16))
    mark: Mapped[str] = mapped_column(String(32))
