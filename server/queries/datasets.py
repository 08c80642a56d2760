"""Entity lists: what they are, which forms write them, what they hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from forms.data_classes import DataClass
from server.db import db, execute
from server.models import (
    Dataset,
    DatasetProperty,
    DatasetSource,
    Form,
    PropertySource,
)


@dataclass(frozen=True, slots=True)
class Writer:
    """A form that writes the list, from which of its containers, and what it may do there."""

    form_id: int
    xml_form_id: str
    data_class: DataClass
    path: str
    creates: bool
    updates: bool


@dataclass(frozen=True, slots=True)
class Property:
    """A property and the forms that save it: (id, kind of data); none if added by hand."""

    id: int
    name: str
    published_at: datetime
    forms: tuple[tuple[int, DataClass], ...]


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """All that is asked of a list again and again; it changes with the project's catalogue."""

    id: int
    project_id: int
    name: str
    approval_required: bool
    owner_only: bool
    created_at: datetime
    properties: tuple[Property, ...]
    writers: tuple[Writer, ...]

    @property
    def makers(self) -> tuple[Writer, ...]:
        """Whoever may read these forms may read the list; one restricted form restricts it.

        A restricted form that writes the list no more (`forget_sources`) is one of them still.
        """
        made = [w for w in self.writers if w.creates or not w.updates]
        return tuple([w for w in made if w.data_class is DataClass.CASE] or made or self.writers)


def load_datasets(project_id: int) -> Mapping[str, DatasetFacts]:
    """By name, in the order in which they were declared."""
    rows = db.session.scalars(
        select(Dataset).where(Dataset.project_id == project_id).order_by(Dataset.id)
    ).all()
    ids = [row.id for row in rows]
    writers = _list_writers(ids)
    properties = _list_properties(ids)
    return {
        row.name: DatasetFacts(
            row.id,
            row.project_id,
            row.name,
            row.approval_required,
            row.owner_only,
            row.created_at,
            tuple(properties.get(row.id, ())),
            tuple(writers.get(row.id, ())),
        )
        for row in rows
    }


def _list_writers(ids: Collection[int]) -> dict[int, list[Writer]]:
    found: dict[int, list[Writer]] = {}
    query = (
        select(DatasetSource, Form.xml_form_id, Form.data_class)
        .join(Form, Form.id == DatasetSource.form_id)
        .where(DatasetSource.dataset_id.in_(ids))
        .order_by(DatasetSource.form_id, DatasetSource.path)
    )
    for source, xml_form_id, data_class in db.session.execute(query):
        writer = Writer(
            source.form_id, xml_form_id, data_class, source.path, source.creates, source.updates
        )
        found.setdefault(source.dataset_id, []).append(writer)
    return found


def _list_properties(ids: Collection[int]) -> dict[int, list[Property]]:
    forms: dict[int, list[tuple[int, DataClass]]] = {}
    sources = (
        select(PropertySource.property_id, Form.id, Form.data_class)
        .join(Form, Form.id == PropertySource.form_id)
        .order_by(Form.id)
    )
    for property_id, form_id, data_class in db.session.execute(sources):
        forms.setdefault(property_id, []).append((form_id, data_class))
    found: dict[int, list[Property]] = {}
    query = select(DatasetProperty).where(DatasetProperty.dataset_id.in_(ids))
    for row in db.session.scalars(query.order_by(DatasetProperty.id)):
        own = Property(row.id, row.name, row.published_at, tuple(forms.get(row.id, ())))
        found.setdefault(row.dataset_id, []).append(own)
    return found


def find_row(project_id: int, name: str) -> Dataset | None:
    """The list of that name in any letter case, locked."""
    query = select(Dataset).where(
        Dataset.project_id == project_id, Dataset.name_key == name.casefold()
    )
    return db.session.scalar(query.with_for_update())


def add_dataset(
    project_id: int, name: str, *, approval_required: bool = False, owner_only: bool = False
) -> Dataset:
    dataset = Dataset(
        project_id=project_id,
        name=name,
        name_key=name.casefold(),
        approval_required=approval_required,
        owner_only=owner_only,
    )
    db.session.add(dataset)
    db.session.flush()
    return dataset


def set_settings(dataset_id: int, values: Mapping[str, bool]) -> None:
    execute(update(Dataset).where(Dataset.id == dataset_id).values(dict(values)))


def list_properties(dataset_id: int) -> Sequence[DatasetProperty]:
    query = select(DatasetProperty).where(DatasetProperty.dataset_id == dataset_id)
    return db.session.scalars(query.order_by(DatasetProperty.id)).all()


def add_property(dataset_id: int, name: str) -> DatasetProperty:
    row = DatasetProperty(dataset_id=dataset_id, name=name, name_key=name.casefold())
    db.session.add(row)
    db.session.flush()
    return row


def forget_sources(form: Form) -> None:
    """What a form wrote; a version that is published says it anew. Properties stay.

    What a restricted form wrote is in the list for good, so it keeps its part: a source that
    neither creates nor updates.
    """
    of_form = DatasetSource.form_id == form.id
    if form.data_class is DataClass.CASE:
        execute(update(DatasetSource).where(of_form).values(creates=False, updates=False))
        return
    execute(delete(DatasetSource).where(of_form))
    execute(delete(PropertySource).where(PropertySource.form_id == form.id))


def add_source(dataset_id: int, form_id: int, path: str, *, creates: bool, updates: bool) -> None:
    db.session.merge(
        DatasetSource(
            dataset_id=dataset_id, form_id=form_id, path=path, creates=creates, updates=updates
        )
    )
    db.session.flush()


def add_property_source(property_id: int, form_id: int) -> None:
    if db.session.get(PropertySource, (property_id, form_id)) is None:
        db.session.add(PropertySource(property_id=property_id, form_id=form_id))
        db.session.flush()


def is_approval_required() -> bool:
    """True if any list has creations that staff approve."""
    return execute(select(Dataset.id).where(Dataset.approval_required).limit(1)).first() is not None


def list_names(project_id: int) -> set[str]:
    return set(db.session.scalars(select(Dataset.name).where(Dataset.project_id == project_id)))


def has_sources(form_id: int) -> bool:
    query = select(DatasetSource.form_id).where(DatasetSource.form_id == form_id).limit(1)
    return execute(query).first() is not None
