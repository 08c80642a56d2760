"""`phieu entities`: the lists of the register, what is in them, and how it became so."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from server.cli.codes import NamedPath
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    operator,
    person_option,
    print_json,
    print_rows,
    project_option,
    reason_option,
    today,
    words,
)
from server.cli.files import open_private
from server.db import snapshot, transaction
from server.errors import NotFound

if TYPE_CHECKING:
    from server.actions.entities.access import Access
    from server.actions.entities.importing import Warned
    from server.queries.datasets import DatasetFacts
    from server.queries.entity_pages import PageRow

command = AppGroup("entities", help="The register: lists, what is in them and how it became so.")
_LIST = click.argument("list_name", metavar="LIST")
_UUID = click.argument("uuid", metavar="UUID")
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@command.command("lists")
@project_option
@json_option
def lists(project_id: int | None, as_json: bool) -> None:
    """Show the lists: how many are in them, how many conflicts, which forms write them."""
    from server.actions.entities.known import find_lists
    from server.queries.entities import count_live

    project = get_ready_project(project_id)
    counts = count_live(project.id)
    rows = [
        {
            "name": facts.name,
            "entities": counts.get(facts.id, (0, 0))[0],
            "conflicts": counts.get(facts.id, (0, 0))[1],
            "properties": [p.name for p in facts.properties],
            "forms": sorted({w.xml_form_id for w in facts.writers}),
            "approvalRequired": facts.approval_required,
        }
        for facts in find_lists(None, project.id).values()
    ]
    if not as_json:
        for row in rows:
            row |= {key: ", ".join(row[key]) for key in ("properties", "forms")}  # type: ignore[arg-type]
    print_rows(rows, as_json=as_json)


@command.command("import")
@_LIST
@click.argument("file", metavar="FILE.csv", type=_FILE)
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "tcvn3"]),
    default="utf-8",
    show_default=True,
    help="tcvn3: a spreadsheet of the fonts .VnTime; its letters become Unicode.",
)
@click.option(
    "--groups",
    type=click.Choice(["2016", "2004"]),
    default="2016",
    show_default=True,
    help="2004: the column sc_open has groups of the law of 2004, in words.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The commune codes of the file are those in force that day; else today's.",
)
@project_option
@json_option
def import_(
    list_name: str,
    file: Path,
    encoding: str,
    groups: str,
    as_of: datetime | None,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Bring the rows of FILE.csv into LIST; again, it brings nothing twice.

    Columns: label, the list's properties, and name (a version 4 UUID), which may be left out.
    """
    from server.actions.entities.import_files import Reading
    from server.actions.entities.importing import import_entities

    facts = _get_list(list_name, project_id)
    reading = Reading(is_tcvn3=encoding == "tcvn3", has_old_groups=groups == "2004")
    on = as_of.date() if as_of else today()
    with click.progressbar(length=_count_lines(file), file=sys.stderr) as bar:
        outcome = import_entities(
            file, facts, on=on, by=operator(), reading=reading, progress=bar.update
        )
    for warned in outcome.warnings:
        click.echo(warning_text(warned), err=True)
    counts = {"list": facts.name, "new": outcome.new, "known": outcome.known}
    if as_json:
        print_json({**counts, "warnings": [warning_row(warned) for warned in outcome.warnings]})
    else:
        click.echo(words("entities_imported", **counts))


def warning_text(warned: Warned) -> str:
    left = warned.left
    return words(f"group_{left.why.value}", line=warned.line, text=left.text)


def warning_row(warned: Warned) -> dict[str, object]:
    return {"line": warned.line, "why": warned.left.why.value, "text": warned.left.text}


@command.command("apply")
@click.argument("form", required=False)
@click.option("--id", "instance_id", metavar="INSTANCE_ID", help="Only this submission.")
@project_option
@json_option
def apply(form: str | None, instance_id: str | None, project_id: int | None, as_json: bool) -> None:
    """Bring in what submissions said before their lists were declared, or during a fault."""
    from server.actions.entities.reapplying import apply_again, declare_missing
    from server.queries import forms, submissions

    project = get_ready_project(project_id)
    form_id = forms.get_form(project.id, form).id if form else None
    submission_id = submissions.get_submission(instance_id)[0].id if instance_id else None
    by = operator()
    with transaction():
        declare_missing(project.id, by=by)
    outcome = apply_again(project.id, by=by, form_id=form_id, submission_id=submission_id)
    if as_json:
        print_json({"submissions": outcome.submissions, "applied": outcome.applied})
    else:
        counts = {"count": outcome.submissions, "applied": outcome.applied}
        click.echo(words("entities_applied", **counts))


@command.command("duplicates")
@_LIST
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@project_option
@person_option
@reason_option
@json_option
def duplicates(
    list_name: str,
    limit: int,
    project_id: int | None,
    person: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Propose which entities of LIST may be one; a person decides (phieu entities merge)."""
    from server.actions.entities.merging import propose_merges

    facts = _get_list(list_name, project_id)
    by = asking(person, reason, project_id=facts.project_id)
    rows = [
        {
            "keep": proposal.keep,
            "merge": proposal.drop,
            "label": proposal.labels[0],
            "mergeLabel": proposal.labels[1],
            "village": proposal.village_codes[0],
            "mergeVillage": proposal.village_codes[1],
        }
        for proposal in islice(propose_merges(facts, by=by), limit)
    ]
    print_rows(rows, as_json=as_json)


@command.command("merge")
@_LIST
@click.argument("keep", metavar="KEEP")
@click.argument("merge", metavar="MERGE")
@click.option("--undo", is_flag=True, help="Take them apart again.")
@project_option
@person_option
@reason_option
@json_option
def merge_(
    list_name: str,
    keep: str,
    merge: str,
    undo: bool,
    project_id: int | None,
    person: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Make MERGE part of KEEP, which gets what it lacks: two entries were one child."""
    from server.actions.entities.changing import plain_uuid
    from server.actions.entities.merging import merge_entities, split_entity

    facts = _get_list(list_name, project_id)
    by = asking(person, reason, project_id=facts.project_id)
    kept, merged = plain_uuid(keep), plain_uuid(merge)
    with transaction():
        if undo:
            split_entity(facts, merged, by=by, keep=kept)
        else:
            merge_entities(facts, kept, merged, by=by)
    if as_json:
        print_json({"list": facts.name, "keep": kept, "merge": merged, "isUndone": undo})
    else:
        text = "entities_split" if undo else "entities_merged"
        click.echo(words(text, keep=kept, merge=merged))


@command.command("list")
@_LIST
@click.option("--conflicts", is_flag=True, help="Only those that somebody should look at.")
@click.option("--deleted", is_flag=True, help="Those that were deleted or merged.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@project_option
@person_option
@reason_option
@json_option
def list_(
    list_name: str,
    conflicts: bool,
    deleted: bool,
    limit: int,
    project_id: int | None,
    person: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """List the entities of LIST, the newest first; the access log says that you did."""
    from server.actions.entities.access import require_access
    from server.actions.readings import log_reading
    from server.auth.roles import Verb
    from server.models import ConflictState
    from server.queries import entity_pages
    from server.queries.entity_pages import Wanted

    facts = _get_list(list_name, project_id)
    by = asking(person, reason, project_id=facts.project_id)
    access = require_access(facts, Verb.ENTITY_LIST, by=by)
    log_reading(by, "dataset.entity.export", "dataset", facts.id)
    wanted = Wanted(deleted, frozenset(ConflictState) if conflicts else frozenset())
    found = entity_pages.list_page(facts.id, access.scope, wanted, before=None, limit=limit)
    rows = [
        {
            "uuid": row.uuid,
            "label": row.label,
            "version": row.number,
            "conflict": row.conflict,
            "village": row.village_code,
            "commune": row.commune_code,
        }
        for row in found
    ]
    print_rows(rows, as_json=as_json)


@command.command("resolve")
@_LIST
@_UUID
@project_option
@person_option
@reason_option
def resolve(
    list_name: str, uuid: str, project_id: int | None, person: str | None, reason: str
) -> None:
    """Say that somebody looked at the conflict of one entity; what is there stays."""
    from server.actions.entities.changing import resolve_conflict

    _change(resolve_conflict, list_name, uuid, project_id, person, reason)


@command.command("delete")
@_LIST
@_UUID
@project_option
@person_option
@reason_option
def delete(
    list_name: str, uuid: str, project_id: int | None, person: str | None, reason: str
) -> None:
    """Take one entity off the phones' lists; it can be restored."""
    from server.actions.entities.changing import delete_entity

    _change(delete_entity, list_name, uuid, project_id, person, reason)


@command.command("restore")
@_LIST
@_UUID
@project_option
@person_option
@reason_option
def restore(
    list_name: str, uuid: str, project_id: int | None, person: str | None, reason: str
) -> None:
    """Bring back an entity that was deleted."""
    from server.actions.entities.changing import restore_entity

    _change(restore_entity, list_name, uuid, project_id, person, reason)


@command.command("show")
@_LIST
@_UUID
@project_option
@person_option
@reason_option
@json_option
def show(
    list_name: str,
    uuid: str,
    project_id: int | None,
    person: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Show one entity of LIST as it is now; the access log says that you did."""
    access, row = _read_one(list_name, uuid, project_id, person, reason)
    about = {
        "uuid": row.uuid,
        "label": row.label,
        "version": row.number,
        "conflict": row.conflict,
        "village": row.village_code,
        "commune": row.commune_code,
        "deletedAt": row.deleted_at,
    }
    data = {name: row.data.get(name, "") for name in access.properties}
    if as_json:
        print_json(about | {"data": data})
        return
    print_rows([about], as_json=False)
    print_rows([{"property": k, "value": v} for k, v in data.items() if v], as_json=False)


@command.command("history")
@_LIST
@_UUID
@project_option
@person_option
@reason_option
@json_option
def history(
    list_name: str,
    uuid: str,
    project_id: int | None,
    person: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Show every version of one entity: what came, when, and from which submission."""
    from server.queries import entity_pages

    access, row = _read_one(list_name, uuid, project_id, person, reason)
    rows = []
    for version in entity_pages.list_versions(row.id):
        received = {k: v for k, v in version.received.items() if k in access.properties}
        rows.append(
            {
                "version": version.number,
                "createdAt": version.version_created_at,
                "label": version.label,
                "received": received if as_json else _in_words(received),
                "conflict": version.conflict,
                "submission": version.instance_id or version.source,
            }
        )
    print_rows(rows, as_json=as_json)


@command.command("export")
@_LIST
@click.option("--out", required=True, type=NamedPath(".csv"), help="A .csv file.")
@project_option
@person_option
@reason_option
@json_option
def export(
    list_name: str,
    out: Path,
    project_id: int | None,
    person: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Write LIST to a file that a spreadsheet opens, and that import takes."""
    from server.actions.entities.access import require_access
    from server.actions.entities.exporting import iter_csv
    from server.actions.readings import log_reading
    from server.auth.roles import Verb

    facts = _get_list(list_name, project_id)
    by = asking(person, reason, project_id=facts.project_id)
    access = require_access(facts, Verb.ENTITY_LIST, by=by)
    log_reading(by, "dataset.entity.export", "dataset", facts.id)
    count = 0
    with open_private(out) as file, snapshot():
        for piece, rows in iter_csv(access):
            file.write(piece)
            count += rows
    if as_json:
        print_json({"out": str(out), "rows": count})
    else:
        click.echo(words("entities_written", path=out, count=count))


def _change(
    change: Callable[..., None],
    list_name: str,
    uuid: str,
    project_id: int | None,
    person: str | None,
    reason: str,
) -> None:
    from server.actions.entities.changing import plain_uuid

    facts = _get_list(list_name, project_id)
    by = asking(person, reason, project_id=facts.project_id)
    with transaction():
        change(facts, plain_uuid(uuid), by=by)
    click.echo(words("entity_changed", uuid=uuid))


def _read_one(
    list_name: str, uuid: str, project_id: int | None, person: str | None, reason: str
) -> tuple[Access, PageRow]:
    from server.actions.entities.access import require_access
    from server.actions.entities.changing import plain_uuid
    from server.actions.readings import log_reading
    from server.auth.roles import Verb
    from server.queries import entity_pages

    facts = _get_list(list_name, project_id)
    by = asking(person, reason, project_id=facts.project_id)
    access = require_access(facts, Verb.ENTITY_READ, by=by)
    wanted = plain_uuid(uuid)
    row = entity_pages.find_entity(facts.id, wanted, access.scope) or entity_pages.find_entity(
        facts.id, wanted, access.scope, is_deleted=True
    )
    if row is None:
        raise NotFound(subject="entity", name=uuid)
    log_reading(by, "entity.read", "entity", row.id)
    return access, row


def _in_words(received: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in received.items())


def _get_list(name: str, project_id: int | None) -> DatasetFacts:
    from server.actions.entities.known import get_list

    return get_list(None, get_ready_project(project_id).id, name)


def _count_lines(file: Path) -> int:
    with file.open("rb") as lines:
        return max(sum(1 for _ in lines) - 1, 1)
