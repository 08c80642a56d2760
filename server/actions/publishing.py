"""Publish a form: workbook and media in, a version that phones are offered out."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass

from forms.definitions import FormDefinition
from forms.errors import WorkbookRefused
from forms.keyed_forms import with_public_key
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.errors import FormFilesMissing, VersionExists, WorkbookHasErrors
from server.models import Form, FormAttachment, FormState, FormVersion, Project
from server.queries import audits, forms, keys, projects
from server.storage import Storage, Upload, owner_name

Media = bytes | Upload
"""A form's file: its bytes, or where they were received to; the upload stays with its owner."""

_TYPES = {".csv": "text/csv", ".geojson": "application/geo+json", ".xml": "text/xml"}


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
    definition = _with_project_key(compile_or_refuse(source, filename), project)
    files = _form_files(definition, media, may_miss=files_come_later)
    form = forms.find_form(project.id, definition.xml_form_id)
    require(by, Verb.FORM_CREATE, project_id=project.id, form_id=form.id if form else None)
    form = form or forms.add_form(project, definition.xml_form_id)
    version = forms.find_version(form, definition.version)
    is_new = version is None
    if version is None:
        version = make_version(definition, source, filename, by)
        forms.add_published_version(form, version)
        audits.log(by.actor_id, "form.update.publish", "form", form.id, version=version.version)
    elif not _is_same(version, definition, source):
        raise VersionExists(form=definition.xml_form_id, version=definition.version)
    if _keep_files(version, definition, files, project, storage) or is_new:
        projects.touch_catalogue(project.id)
    return Published(form, version, definition, is_new)


def set_form_state(form: Form, state: FormState, *, by: Caller) -> None:
    """open: listed and accepting; closing: accepting only; closed: neither (openrosa.md §6.2)."""
    require(by, Verb.FORM_UPDATE, project_id=form.project_id, form_id=form.id)
    if form.state is not state:
        forms.set_state(form, state)
        audits.log(by.actor_id, "form.update", "form", form.id, state=state.value)


def compile_or_refuse(source: bytes, filename: str) -> FormDefinition:
    # pyxform takes half of the time in which a command starts, and only who publishes needs it.
    from forms.workbooks import compile_form  # noqa: PLC0415

    try:
        return compile_form(source, filename=filename)
    except WorkbookRefused as error:
        raise WorkbookHasErrors(error=str(error), problems=error.problems) from error


def _with_project_key(definition: FormDefinition, project: Project) -> FormDefinition:
    key = keys.find_project_key(project.id, lock=True)
    if definition.public_key:
        keys.ensure_key(definition.public_key)
    if key is None:
        return definition
    try:
        return with_public_key(definition, key.public)
    except WorkbookRefused as error:
        raise WorkbookHasErrors(error=str(error), problems=error.problems) from error


def _form_files(
    definition: FormDefinition, media: Mapping[str, Media], *, may_miss: bool
) -> dict[str, Media]:
    """The files that the form names; a form without one of them would not open on a phone."""
    available = dict(media)
    if definition.itemsets_csv is not None:
        available.setdefault("itemsets.csv", definition.itemsets_csv)
    names = [file.name for file in definition.expected_files]
    missing = [name for name in names if name not in available]
    if missing and not may_miss:
        raise FormFilesMissing(form=definition.xml_form_id, names=", ".join(missing))
    return {name: available[name] for name in names if name in available}


def make_version(
    definition: FormDefinition, source: bytes, filename: str, by: Caller
) -> FormVersion:
    is_workbook = not filename.lower().endswith(".xml")
    return FormVersion(
        version=definition.version,
        title=definition.title,
        xform=definition.xform,
        workbook=source if is_workbook else None,
        workbook_name=filename[-255:] if is_workbook else None,
        md5=hashlib.md5(definition.xform, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(definition.xform).hexdigest(),
        commune_field=definition.commune_field,
        has_public_key=bool(definition.public_key),
        created_by_id=by.actor_id,
    )


def _is_same(version: FormVersion, definition: FormDefinition, source: bytes) -> bool:
    """The same XForm, or the same workbook: another pyxform may write it differently."""
    return version.xform == definition.xform or version.workbook == source


def _keep_files(
    version: FormVersion,
    definition: FormDefinition,
    files: Mapping[str, Media],
    project: Project,
    storage: Storage,
) -> bool:
    """Store what is new or changed; True if anything was."""
    changed = False
    owner = owner_name("form", project.id, definition.xml_form_id)
    for expected in definition.expected_files:
        known = forms.find_attachment(version.id, expected.name)
        content = files.get(expected.name)
        if content is None or (known is not None and known.md5 == _md5(content)):
            continue
        attachment = known or FormAttachment(
            form_version_id=version.id, name=expected.name, type=expected.type
        )
        attachment.md5 = _md5(content)
        attachment.size = len(content) if isinstance(content, bytes) else content.size
        attachment.content_type = _content_type(expected.name)
        attachment.storage_key = _store(content, owner, storage)
        forms.add_attachment(attachment)
        changed = True
    return changed


def _md5(content: Media) -> str:
    if isinstance(content, Upload):
        return content.md5
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _store(content: Media, owner: str, storage: Storage) -> str:
    if isinstance(content, Upload):
        return storage.keep(content, owner)
    with storage.receive() as writer:
        writer.write(content)
        upload = writer.finish()
    try:
        return storage.keep(upload, owner)
    finally:
        upload.path.unlink(missing_ok=True)


def _content_type(name: str) -> str:
    suffix = name[name.rfind(".") :].lower()
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
