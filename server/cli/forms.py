"""`phieu forms`: check, publish, draft, list, show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from forms.definitions import Field
from server.actions import drafting
from server.actions.collecting import draft_address
from server.actions.definitions import get_definition
from server.actions.installation import draft_workbook, publish_workbook
from server.actions.publishing import Published, set_form_state
from server.cli import linting
from server.cli.addresses import shown_address
from server.cli.common import (
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    project_option,
    settings,
    storage,
    words,
)
from server.db import transaction
from server.models import Form, FormState
from server.queries import forms

command = AppGroup("forms", help="Check, publish and list forms.")
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


command.add_command(linting.check)


@command.command("publish")
@click.argument("file", type=_FILE)
@click.option("--media", type=_FOLDER, help="Folder of the form's files; else media/ beside FILE.")
@project_option
@json_option
def publish(file: Path, media: Path | None, project_id: int | None, as_json: bool) -> None:
    """Publish FILE (.xlsx, or an XForm as .xml), so that phones are offered it."""
    project = get_ready_project(project_id)
    with transaction():
        published = publish_workbook(file, media, project=project, storage=storage(), by=operator())
        state = _state(published)
        answer = {
            "xmlFormId": published.definition.xml_form_id,
            "version": published.definition.version,
            "title": published.definition.title,
            "published": published.is_new,
            "offered": published.version.is_current,
            "warnings": [w.text(settings().lang) for w in published.definition.warnings],
        }
    if as_json:
        print_json(answer)
        return
    for warning in published.definition.warnings:
        click.echo(f"warning: {warning.text(settings().lang)}", err=True)
    click.echo(f"{answer['xmlFormId']} {answer['version']}: {state}")


@command.command("draft")
@click.argument("file", type=_FILE)
@click.option("--media", type=_FOLDER, help="Folder of the form's files; else media/ beside FILE.")
@project_option
@json_option
def draft(file: Path, media: Path | None, project_id: int | None, as_json: bool) -> None:
    """Make FILE the form's draft and print the address for the phones that try it out.

    The address stays when the draft is replaced; what was sent to the old draft is dropped.
    """
    project = get_ready_project(project_id)
    key = settings().secret_key
    with transaction():
        drafted = draft_workbook(
            file, media, project=project, storage=storage(), secret_key=key, by=operator()
        )
        base = shown_address()
        form_id = drafted.form.xml_form_id
        answer = {
            "xmlFormId": form_id,
            "version": drafted.version.version,
            "url": draft_address(base, drafted.token, project.id, form_id),
        }
        dropped = drafted.dropped
    _remove_files(dropped)
    if as_json:
        print_json(answer)
        return
    for warning in drafted.definition.warnings:
        click.echo(f"warning: {warning.text(settings().lang)}", err=True)
    click.echo(answer["url"])


@command.command("publish-draft")
@click.argument("form")
@project_option
@json_option
def publish_draft(form: str, project_id: int | None, as_json: bool) -> None:
    """Publish FORM's draft; its test address ends and what was sent there is dropped."""
    project = get_ready_project(project_id)
    with transaction():
        found = forms.get_form(project.id, form)
        _, dropped = drafting.publish_draft(found, project=project, by=operator())
        row = _row(found)
    _remove_files(dropped)
    print_rows([row], as_json=as_json)


def _remove_files(keys: Sequence[str]) -> None:
    storage().remove(keys)


@command.command("list")
@project_option
@json_option
def list_(project_id: int | None, as_json: bool) -> None:
    """List the forms of the project."""
    project = get_ready_project(project_id)
    print_rows([_row(form) for form in forms.list_forms(project.id)], as_json=as_json)


@command.command("state")
@click.argument("form")
@click.argument("state", type=click.Choice([state.value for state in FormState]))
@project_option
@json_option
def state(form: str, state: str, project_id: int | None, as_json: bool) -> None:
    """Set FORM to open (listed), closing (accepts what phones still hold) or closed."""
    project = get_ready_project(project_id)
    with transaction():
        found = forms.get_form(project.id, form)
        set_form_state(found, FormState(state), by=operator())
        row = _row(found)
    print_rows([row], as_json=as_json)


@command.command("show")
@click.argument("form")
@project_option
@json_option
def show(form: str, project_id: int | None, as_json: bool) -> None:
    """Show a form's versions, files and fields."""
    found = forms.get_form(get_ready_project(project_id).id, form)
    version = forms.get_current_version(found)
    definition = get_definition(version.id, version.sha256, version.commune_field)
    files = [f.name for f in forms.list_attachments(version.id) if f.storage_key]
    versions = [v.version for v in forms.list_versions(found)]
    fields = [_field_row(f, definition.default_language) for f in definition.fields()]
    about = _row(found) | {"versions": versions, "languages": list(definition.languages)}
    if as_json:
        print_json(about | {"attachments": files, "fields": fields})
        return
    print_rows([about], as_json=False)
    print_rows([{"attachment": name} for name in files], as_json=False)
    print_rows(fields, as_json=False)


def _state(published: Published) -> str:
    if published.is_new:
        return words("form_published")
    if published.version.is_current:
        return words("form_known")
    newer = forms.get_current_version(published.form).version
    return words("form_older", newer=newer)


def _row(form: Form) -> dict[str, object]:
    """The current version, or the draft of a form that was never published."""
    version = forms.find_current_version(form)
    shown = version or forms.find_draft(form)
    return {
        "xmlFormId": form.xml_form_id,
        "version": shown.version if shown else "",
        "state": form.state.value if version else "draft",
        "title": shown.title if shown else "",
        "publishedAt": version.published_at if version else None,
    }


def _field_row(field: Field, language: str) -> dict[str, object]:
    label = field.labels.get(language, "")
    kind = field.bind.type if field.kind == "question" else field.kind.value
    return {"path": field.path, "type": kind, "label": " ".join(label.split())[:60]}
