"""Drafts: a form that testers fill on their phones before anybody else is offered it.

A form has one draft at most, with a token of its own. What is sent to it is dropped with it
(central-api.md §9.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms.definitions import FormDefinition
from forms.xforms import parse_xform
from server.actions.entities.declaring import declare_lists, list_files
from server.actions.form_files import Media, choose_files, keep_form_files
from server.actions.publishing import (
    compile_or_refuse,
    fill_source,
    fill_version,
    get_own_form,
    with_project_key,
)
from server.auth.callers import Caller
from server.auth.gate import FormKey, require
from server.auth.roles import Verb
from server.auth.tokens import hash_token, make_token, seal, unseal
from server.errors import DraftNotFound, VersionExists
from server.models import Form, FormVersion, Project
from server.queries import audits, draft_submissions, forms, projects
from server.storage import Storage


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft and its token; `dropped` are keys to remove from the storage after the commit."""

    form: Form
    version: FormVersion
    definition: FormDefinition
    token: str
    dropped: tuple[str, ...]


def draft_form(
    source: bytes,
    *,
    filename: str,
    media: Mapping[str, Media],
    project: Project,
    storage: Storage,
    secret_key: str,
    by: Caller,
) -> Drafted:
    """Make or replace the form's draft. Its token stays, and so do files not handed in again.

    Raises WorkbookHasErrors and FormFilesMissing as publishing does; any version may be drafted.
    """
    definition = with_project_key(compile_or_refuse(source, filename), project)
    form = get_own_form(definition, project, by)
    draft = forms.lock_draft(form) or FormVersion(created_by_id=by.actor_id)
    kept = forms.list_kept_names(draft.id) if draft.id else ()
    lists = list_files(definition, project.id)
    files = choose_files(definition, media, kept=kept, lists=lists)
    token = unseal(draft.draft_token_sealed, secret_key) if draft.draft_token_sealed else ""
    is_token_new = not token
    if is_token_new:
        token = make_token()
        draft.draft_token_hash, draft.draft_token_sealed = (
            hash_token(token),
            seal(token, secret_key),
        )
    fill_version(draft, definition)
    fill_source(draft, source, filename)
    forms.add_draft(form, draft)
    forms.delete_other_attachments(draft.id, [file.name for file in definition.expected_files])
    keep_form_files(draft, definition, files, project, storage)
    dropped = draft_submissions.drop_submissions(form.id)
    projects.touch_catalogue(project.id)
    details = {"version": draft.version, "token": "new" if is_token_new else "kept"}
    audits.log(by, "form.update.draft.set", "form", form.id, **details)
    return Drafted(form, draft, definition, token, dropped)


def publish_draft(
    form: Form, *, project: Project, by: Caller
) -> tuple[FormVersion, tuple[str, ...]]:
    """Make the draft the version that phones are offered; its token ends.

    Returns the version, and keys to remove from the storage after the commit. Raises DraftNotFound,
    or VersionExists where that version is published already (openrosa.md §6.2).
    """
    require(by, Verb.FORM_UPDATE, project_id=project.id, form=FormKey.of(form))
    draft = forms.lock_draft(form)
    if draft is None:
        raise DraftNotFound(form=form.xml_form_id)
    drafted = parse_xform(draft.xform).with_commune_field(draft.commune_field)
    definition = with_project_key(drafted, project)  # the project may have got one since
    known = forms.find_version(form, definition.version)
    if known is not None and known.xform != definition.xform:
        raise VersionExists(form=form.xml_form_id, version=definition.version)
    dropped = draft_submissions.drop_submissions(form.id)
    if known is not None:
        _hand_over_files(draft, known)
        forms.delete_draft(draft)
    else:
        draft.draft_token_hash = draft.draft_token_sealed = None
        fill_version(draft, definition)
        forms.add_published_version(form, draft)
        declare_lists(definition, form, by=by)
    version = known or draft
    projects.touch_catalogue(project.id)
    audits.log(by, "form.update.publish", "form", form.id, version=version.version)
    return version, dropped


def _hand_over_files(draft: FormVersion, version: FormVersion) -> None:
    """The same version again brings nothing but its files (openrosa.md §5)."""
    for file in forms.list_attachments(draft.id):
        own = forms.find_attachment(version.id, file.name)
        if own is not None:
            for column in ("storage_key", "content_type", "md5", "size"):
                setattr(own, column, getattr(file, column))
