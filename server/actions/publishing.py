"""Publish a form: workbook and media in, a version that phones are offered out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from forms.data_classes import DataClass, find_data_class
from forms.definitions import FormDefinition
from forms.errors import WorkbookRefused
from forms.keyed_forms import with_public_key
from server.actions.entities.declaring import declare_lists, list_files
from server.actions.form_files import Media, choose_files, keep_form_files
from server.auth.callers import Caller
from server.auth.gate import FormKey, require
from server.auth.roles import Verb
from server.errors import VersionExists, WorkbookHasErrors
from server.models import Form, FormState, FormVersion, Project
from server.queries import audits, forms, keys, projects
from server.storage import Storage


@dataclass(frozen=True, slots=True)
class Published:
    """The version, and whether this call made it."""

    form: Form
    version: FormVersion
    definition: FormDefinition
    is_new: bool


def publish_form(
    source: bytes,
    *,
    filename: str,
    media: Mapping[str, Media],
    project: Project,
    storage: Storage,
    by: Caller,
    files_come_later: bool = False,
) -> Published:
    """Compile and publish. The same workbook again changes nothing but replaced media.

    In a project with a key the form gets it, and a version that says so.
    Raises WorkbookHasErrors (its cause has the problems), FormFilesMissing, or VersionExists
    where that version is published with other content (openrosa.md §6.2).
    """
    definition = with_project_key(compile_or_refuse(source, filename), project)
    form = get_own_form(definition, project, by)
    version = forms.find_version(form, definition.version)
    is_new = version is None
    kept = () if version is None else forms.list_kept_names(version.id)
    lists = list_files(definition, project.id)
    files = choose_files(definition, media, kept=kept, lists=lists, may_miss=files_come_later)
    if version is None:
        version = make_version(definition, source, filename, by)
        forms.add_published_version(form, version)
        declare_lists(definition, form, by=by)
        audits.log(by, "form.update.publish", "form", form.id, version=version.version)
    elif not _is_same(version, definition, source):
        raise VersionExists(form=definition.xml_form_id, version=definition.version)
    else:
        _update_checks(version, definition, source, filename, project, by)
    changed = keep_form_files(version, definition, files, project, storage)
    if changed and not is_new:
        audits.log(by, "form.attachment.update", "form", form.id, files=changed)
    if changed or is_new:
        projects.touch_catalogue(project.id)
    return Published(form, version, definition, is_new)


def _update_checks(
    version: FormVersion,
    definition: FormDefinition,
    source: bytes,
    filename: str,
    project: Project,
    by: Caller,
) -> None:
    """Checks are no part of what phones have: they may change in the life of a version."""
    checks = [check.to_json() for check in definition.checks]
    if filename.lower().endswith(".xml") or checks == (version.checks or []):
        return
    version.checks = checks
    fill_source(version, source, filename)
    audits.log(by, "form.update", "form", version.form_id, checks=len(checks))
    projects.touch_catalogue(project.id)


def set_form_state(form: Form, state: FormState, *, by: Caller) -> None:
    """open: listed and accepting; closing: accepting only; closed: neither (openrosa.md §6.2)."""
    require(by, Verb.FORM_UPDATE, project_id=form.project_id, form=FormKey.of(form))
    if form.state is not state:
        forms.set_state(form, state)
        audits.log(by, "form.update", "form", form.id, state=state.value)


def get_own_form(definition: FormDefinition, project: Project, by: Caller) -> Form:
    """The form of that id, made where there is none; raise NotAllowed for who may not."""
    form = forms.find_form(project.id, definition.xml_form_id)
    require(by, Verb.FORM_CREATE, project_id=project.id, form=FormKey.of(form) if form else None)
    data_class = find_data_class(definition.xml_form_id, definition.data_class)
    if form is None:
        form = forms.add_form(project, definition.xml_form_id, data_class)
        audits.log(by, "form.create", "form", form.id, dataClass=data_class.value)
        return form
    if data_class is DataClass.CASE and form.data_class is not DataClass.CASE:
        form.data_class = data_class
        audits.log(by, "form.update", "form", form.id, dataClass=data_class.value)
    return form


def compile_or_refuse(source: bytes, filename: str) -> FormDefinition:
    # pyxform takes half of the time in which a command starts, and only who publishes needs it.
    from forms.workbooks import compile_form  # noqa: PLC0415

    try:
        return compile_form(source, filename=filename)
    except WorkbookRefused as error:
        raise WorkbookHasErrors(error=str(error), problems=error.problems) from error


def with_project_key(definition: FormDefinition, project: Project) -> FormDefinition:
    key = keys.find_project_key(project.id, lock=True)
    if definition.public_key:
        keys.ensure_key(definition.public_key)
    if key is None:
        return definition
    try:
        return with_public_key(definition, key.public)
    except WorkbookRefused as error:
        raise WorkbookHasErrors(error=str(error), problems=error.problems) from error


def make_version(
    definition: FormDefinition, source: bytes, filename: str, by: Caller
) -> FormVersion:
    version = FormVersion(created_by_id=by.actor_id)
    fill_version(version, definition)
    fill_source(version, source, filename)
    return version


def fill_version(version: FormVersion, definition: FormDefinition) -> None:
    """Make it a version of this definition."""
    version.version = definition.version
    version.title = definition.title
    version.xform = definition.xform
    version.md5 = hashlib.md5(definition.xform, usedforsecurity=False).hexdigest()
    version.sha256 = hashlib.sha256(definition.xform).hexdigest()
    version.commune_field = definition.commune_field
    version.checks = [check.to_json() for check in definition.checks]
    version.has_public_key = bool(definition.public_key)


def fill_source(version: FormVersion, source: bytes, filename: str) -> None:
    """Keep the workbook that it was made from; an XForm is its own source."""
    is_workbook = not filename.lower().endswith(".xml")
    version.workbook = source if is_workbook else None
    version.workbook_name = filename[-255:] if is_workbook else None


def _is_same(version: FormVersion, definition: FormDefinition, source: bytes) -> bool:
    """The same XForm, or the same workbook: another pyxform may write it differently."""
    return version.xform == definition.xform or version.workbook == source
