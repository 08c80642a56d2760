"""Forms, versions and form attachments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import undefer

from forms.data_classes import DataClass
from server.db import db, execute, fetch, utc_now
from server.errors import FormNotFound, VersionExists, VersionNotFound
from server.models import (
    Dataset,
    Form,
    FormAttachment,
    FormState,
    FormVersion,
    Project,
    ServedFile,
)
from server.queries.projects import touch_catalogue

Reception = Row[int, DataClass, FormState, int, str, str]
"""(form_id, data_class, state, version_id, sha256, commune_field)"""

OfferedRow = Row[int, DataClass, str, str, str, str, datetime | None, bool]
"""(id, data_class, xml_form_id, version, title, md5, published_at, has_files)"""
ServedRow = Row[*tuple[Any, ...]]
"""(form_id, data_class, state, id, version, md5, sha256, commune_field)"""
DraftRow = Row[int, int, int, str, int]
"""(form_id, version_id, project_id, xml_form_id, catalogue)"""

_IS_LIST = (
    exists()
    .where(Dataset.project_id == Form.project_id, FormAttachment.name == Dataset.name + ".csv")
    .correlate(Form, FormAttachment)
)
_DRAFT = (
    select(
        FormVersion.form_id,
        FormVersion.id.label("version_id"),
        Form.project_id,
        Form.xml_form_id,
        Project.catalogue,
    )
    .join(Form, Form.id == FormVersion.form_id)
    .join(Project, Project.id == Form.project_id)
    .where(
        FormVersion.draft_token_hash == bindparam("token_hash"),
        FormVersion.published_at.is_(None),
        Form.project_id == bindparam("project_id"),
        Form.xml_form_id == bindparam("xml_form_id"),
        Form.deleted_at.is_(None),
    )
)
_LISTED = select(
    Form.id,
    Form.data_class,
    Form.xml_form_id,
    FormVersion.version,
    FormVersion.title,
    FormVersion.md5,
    FormVersion.published_at,
    exists()
    .where(
        FormAttachment.form_version_id == FormVersion.id,
        or_(FormAttachment.storage_key.is_not(None), _IS_LIST),
    )
    .label("has_files"),
).join(FormVersion, FormVersion.form_id == Form.id)
_SERVED = select(
    Form.id.label("form_id"),
    Form.data_class,
    Form.state,
    FormVersion.id,
    FormVersion.version,
    FormVersion.md5,
    FormVersion.sha256,
    FormVersion.commune_field,
).where(
    Form.project_id == bindparam("project_id"),
    Form.xml_form_id == bindparam("xml_form_id"),
    Form.deleted_at.is_(None),
)
_OF_FORM = FormVersion.form_id == Form.id
_SERVED_NOW = _SERVED.outerjoin(FormVersion, and_(_OF_FORM, FormVersion.is_current))
_SERVED_VERSION = _SERVED.outerjoin(
    FormVersion,
    and_(
        _OF_FORM,
        FormVersion.version == bindparam("version"),
        FormVersion.published_at.is_not(None),
    ),
)


def find_served(project_id: int, xml_form_id: str, version: str | None) -> ServedRow | None:
    """A published version, or (None) the one now offered, with what its form is; one query.

    Without an id the form has no such version; every version ever published stays known
    (openrosa.md §6.2).
    """
    asked = {"project_id": project_id, "xml_form_id": xml_form_id}
    if version is None:
        rows = execute(_SERVED_NOW, asked)
    else:
        rows = execute(_SERVED_VERSION, {**asked, "version": version})
    found: ServedRow | None = rows.one_or_none()
    return found


def find_form(project_id: int, xml_form_id: str) -> Form | None:
    query = select(Form).where(
        Form.project_id == project_id,
        Form.xml_form_id == xml_form_id,
        Form.deleted_at.is_(None),
    )
    return db.session.scalar(query)


def get_form(project_id: int, xml_form_id: str) -> Form:
    form = find_form(project_id, xml_form_id)
    if form is None:
        raise FormNotFound(form=xml_form_id)
    return form


def get_form_by_id(form_id: int) -> Form:
    return db.session.get_one(Form, form_id)


def list_forms(project_id: int) -> Sequence[Form]:
    query = select(Form).where(Form.project_id == project_id, Form.deleted_at.is_(None))
    return db.session.scalars(query.order_by(Form.xml_form_id)).all()


def list_offered(project_id: int, *, all_versions: bool = False) -> Sequence[OfferedRow]:
    """The current version of every open form, or all published ones, newest first in each form."""
    published = FormVersion.published_at.is_not(None)
    offered = published if all_versions else and_(published, FormVersion.is_current)
    query = _LISTED.where(
        offered,
        Form.project_id == project_id,
        Form.state == FormState.OPEN,
        Form.deleted_at.is_(None),
    ).order_by(Form.xml_form_id, FormVersion.id.desc())
    return db.session.execute(query).all()


def get_listed_draft(version_id: int) -> OfferedRow:
    """The draft as its own list shows it."""
    return db.session.execute(_LISTED.where(FormVersion.id == version_id)).one()


def find_version(form: Form, version: str) -> FormVersion | None:
    """A published version; every version ever published stays known (openrosa.md §6.2)."""
    query = select(FormVersion).where(
        FormVersion.form_id == form.id,
        FormVersion.version == version,
        FormVersion.published_at.is_not(None),
    )
    return db.session.scalar(query)


def get_version(form: Form, version: str) -> FormVersion:
    found = find_version(form, version)
    if found is None:
        raise VersionNotFound(form=form.xml_form_id, version=version)
    return found


def find_current_version(form: Form) -> FormVersion | None:
    """None where the form is only a draft yet."""
    query = select(FormVersion).where(FormVersion.form_id == form.id, FormVersion.is_current)
    return db.session.scalar(query)


def get_current_version(form: Form) -> FormVersion:
    found = find_current_version(form)
    if found is None:
        raise VersionNotFound(form=form.xml_form_id, version="")
    return found


def list_current_ids(project_id: int) -> Sequence[int]:
    """The version that is current of every form, by the form's id."""
    query = (
        select(FormVersion.id)
        .join(Form, Form.id == FormVersion.form_id)
        .where(Form.project_id == project_id, Form.deleted_at.is_(None), FormVersion.is_current)
    )
    return db.session.scalars(query.order_by(Form.xml_form_id)).all()


def find_draft_of_token(token_hash: str, project_id: int, xml_form_id: str) -> DraftRow | None:
    """The draft that a test token opens, in one query of its own."""
    names = {"token_hash": token_hash, "project_id": project_id, "xml_form_id": xml_form_id}
    rows: Sequence[DraftRow] = fetch(_DRAFT, names)
    return rows[0] if rows else None


def find_draft(form: Form) -> FormVersion | None:
    query = select(FormVersion).where(
        FormVersion.form_id == form.id, FormVersion.published_at.is_(None)
    )
    return db.session.scalar(query)


def lock_draft(form: Form) -> FormVersion | None:
    """The draft with its bytes; two who replace or publish it take turns."""
    query = select(FormVersion).where(
        FormVersion.form_id == form.id, FormVersion.published_at.is_(None)
    )
    query = query.options(undefer(FormVersion.xform)).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def add_draft(form: Form, draft: FormVersion) -> None:
    """Add the form's draft, or what was changed of it."""
    draft.form_id = form.id
    db.session.add(draft)
    db.session.flush()


def delete_draft(draft: FormVersion) -> None:
    of_draft = FormAttachment.form_version_id == draft.id
    db.session.execute(delete(FormAttachment).where(of_draft))
    db.session.delete(draft)
    db.session.flush()


def load_xform(version_id: int) -> bytes:
    return db.session.scalars(select(FormVersion.xform).where(FormVersion.id == version_id)).one()


def load_checks(version_id: int) -> str:
    """The checks that the version declares, as JSON text."""
    query = select(FormVersion.checks).where(FormVersion.id == version_id)
    return json.dumps(db.session.scalars(query).one_or_none() or [])


def list_served_files(version_id: int) -> Sequence[ServedFile]:
    """The files that others have replaced, the last replaced first."""
    query = select(ServedFile).where(ServedFile.form_version_id == version_id)
    return db.session.scalars(query.order_by(ServedFile.id.desc())).all()


def note_served(version_id: int, name: str, storage_key: str) -> None:
    """Phones may have the file that is now replaced, and fill slips with it."""
    db.session.add(
        ServedFile(
            form_version_id=version_id,
            name=name,
            storage_key=storage_key,
            served_until=utc_now(),
        )
    )


def list_versions(form: Form) -> Sequence[FormVersion]:
    """Published versions, newest first."""
    query = select(FormVersion).where(
        FormVersion.form_id == form.id, FormVersion.published_at.is_not(None)
    )
    newest_first = (FormVersion.published_at.desc(), FormVersion.id.desc())
    return db.session.scalars(query.order_by(*newest_first)).all()


def get_version_by_id(version_id: int) -> FormVersion:
    return db.session.get_one(FormVersion, version_id)


def get_version_with_bytes(version_id: int) -> FormVersion:
    options = [undefer(FormVersion.xform), undefer(FormVersion.workbook)]
    return db.session.scalars(
        select(FormVersion).where(FormVersion.id == version_id).options(*options)
    ).one()


def add_form(project: Project, xml_form_id: str, data_class: DataClass) -> Form:
    form = Form(project_id=project.id, xml_form_id=xml_form_id, data_class=data_class)
    db.session.add(form)
    db.session.flush()
    return form


def add_published_version(form: Form, version: FormVersion) -> None:
    """Publish and offer it; the database decides a race for the same version."""
    current = and_(FormVersion.form_id == form.id, FormVersion.is_current)
    db.session.execute(update(FormVersion).where(current).values(is_current=False))
    version.form_id = form.id
    version.published_at = form.updated_at = utc_now()
    version.is_current = True
    db.session.add(version)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise VersionExists(form=form.xml_form_id, version=version.version) from error


def list_attachments(version_id: int) -> Sequence[FormAttachment]:
    query = select(FormAttachment).where(FormAttachment.form_version_id == version_id)
    return db.session.scalars(query.order_by(FormAttachment.name)).all()


def list_kept_names(version_id: int) -> set[str]:
    """The files that have been handed in."""
    return {file.name for file in list_attachments(version_id) if file.storage_key}


def delete_other_attachments(version_id: int, names: Sequence[str]) -> None:
    """Drop what the version expects no longer."""
    others = FormAttachment.name.not_in(names)
    of_version = FormAttachment.form_version_id == version_id
    db.session.execute(delete(FormAttachment).where(of_version, others))


def find_attachment(version_id: int, name: str) -> FormAttachment | None:
    query = select(FormAttachment).where(
        FormAttachment.form_version_id == version_id, FormAttachment.name == name
    )
    return db.session.scalar(query)


def set_state(form: Form, state: FormState) -> None:
    form.state = state
    form.updated_at = utc_now()
    db.session.flush()
    touch_catalogue(form.project_id)


def add_attachment(attachment: FormAttachment) -> None:
    db.session.add(attachment)
    db.session.flush()
