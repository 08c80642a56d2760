"""What stands in the way of dropping a list or a property, or of switching approval off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select

from forms.data_classes import DataClass
from server.db import db, execute
from server.models import (
    Audit,
    Dataset,
    DatasetProperty,
    DatasetSource,
    Entity,
    EntityMark,
    EntityVersion,
    Form,
    FormAttachment,
    FormVersion,
    HeldChange,
    PropertySource,
    ReviewState,
    Submission,
    SubmissionVersion,
)


@dataclass(frozen=True, slots=True)
class Use:
    """A form that has to do with a list; `path` is the container that writes it, if one does."""

    form_id: int
    data_class: DataClass
    xml_form_id: str
    title: str
    path: str = ""


def list_sources(dataset_id: int) -> list[Use]:
    """Forms that write the list."""
    query = (
        _uses(DatasetSource.path)
        .join(DatasetSource, DatasetSource.form_id == Form.id)
        .where(
            DatasetSource.dataset_id == dataset_id,
            or_(DatasetSource.creates, DatasetSource.updates),
            FormVersion.is_current,
        )
    )
    return [Use(*row) for row in db.session.execute(query)]


def list_linked(project_id: int, name: str, *, drafts: bool = False) -> list[Use]:
    """Forms whose newest version, or draft, has the list as a file."""
    is_version = FormVersion.published_at.is_(None) if drafts else FormVersion.is_current
    query = (
        _uses()
        .join(FormAttachment, FormAttachment.form_version_id == FormVersion.id)
        .where(Form.project_id == project_id, FormAttachment.name == f"{name}.csv", is_version)
    )
    return [Use(*row) for row in db.session.execute(query)]


def list_property_sources(property_id: int) -> list[Use]:
    query = (
        _uses()
        .join(PropertySource, PropertySource.form_id == Form.id)
        .where(PropertySource.property_id == property_id, FormVersion.is_current)
    )
    return [Use(*row) for row in db.session.execute(query)]


def list_forms(form_ids: Collection[int]) -> dict[int, Use]:
    query = _uses().where(FormVersion.is_current, Form.id.in_(sorted(form_ids)))
    return {row.id: Use(*row) for row in db.session.execute(query)}


def has_entities(dataset_id: int) -> bool:
    """Deleted ones too: they can be restored."""
    query = select(Entity.id).where(Entity.dataset_id == dataset_id).limit(1)
    return execute(query).first() is not None


def list_undecided(form_ids: Collection[int]) -> Sequence[int]:
    """Slips of forms of which no entity came, and that neither staff nor the register refused."""
    query = select(Submission.id).where(*_undecided(form_ids)).order_by(Submission.id)
    return list(execute(query).scalars())


def drop_dataset(dataset_id: int) -> None:
    """A list without entities, and what is said of it."""
    properties = select(DatasetProperty.id).where(DatasetProperty.dataset_id == dataset_id)
    execute(delete(PropertySource).where(PropertySource.property_id.in_(properties)))
    for table in (DatasetProperty, DatasetSource, EntityMark, HeldChange):
        execute(delete(table).where(table.dataset_id == dataset_id))
    execute(delete(Dataset).where(Dataset.id == dataset_id))


def drop_property(property_id: int) -> None:
    execute(delete(PropertySource).where(PropertySource.property_id == property_id))
    execute(delete(DatasetProperty).where(DatasetProperty.id == property_id))


def _uses(*more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (Form.id, Form.data_class, Form.xml_form_id, FormVersion.title)
    return (
        select(*columns, *more)
        .join(FormVersion, FormVersion.form_id == Form.id)
        .where(Form.deleted_at.is_(None))
        .order_by(Form.xml_form_id, *more)
    )


def _undecided(form_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    decided = (ReviewState.APPROVED, ReviewState.REJECTED)
    was_refused = exists().where(
        Audit.actee_type == "submission",
        Audit.actee_id == Submission.id,
        Audit.action == "entity.error",
        SubmissionVersion.submission_id == Submission.id,
        SubmissionVersion.is_current,
        Audit.logged_at >= SubmissionVersion.received_at,
    )
    has_made = exists().where(EntityVersion.submission_id == Submission.id)
    return (
        Submission.form_id.in_(sorted(form_ids)),
        Submission.is_draft.is_(False),
        Submission.deleted_at.is_(None),
        Submission.hidden_at.is_(None),
        Submission.erased_at.is_(None),
        Submission.review_state.not_in(decided),
        ~has_made,
        ~was_refused,
    )
