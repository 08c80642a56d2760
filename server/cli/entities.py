"""`phieu entities`: the lists of the register, what is in them, and how it became so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from server.auth.callers import Caller
from server.cli import entity_changes, entity_imports
from server.cli.codes import NamedPath
from server.cli.common import (
    get_ready_project,
    json_option,
    print_json,
    print_rows,
    project_option,
    words,
)
from server.cli.files import open_private
from server.cli.listed import UUID, of_list
from server.db import snapshot
from server.errors import NotFound
from server.queries.datasets import DatasetFacts

if TYPE_CHECKING:
    from server.actions.entities.access import Access
    from server.queries.entity_pages import PageRow, VersionRow

_RESTRICTED = click.option(
    "--restricted",
    is_flag=True,
    help="With what restricted forms said of it; for those with the duty (--as, --reason).",
)

command = AppGroup("entities", help="The register: lists, what is in them and how it became so.")
for _command in (
    entity_imports.import_,
    entity_imports.apply,
    entity_changes.resolve,
    entity_changes.delete,
    entity_changes.restore,
    entity_changes.duplicates,
    entity_changes.merge_,
):
    command.add_command(_command)


@command.command("lists")
@project_option
@json_option
def lists(project_id: int | None, as_json: bool) -> None:
    """Show the lists: how many are in them, how many conflicts, which forms write them."""
    from server.actions.entities.known import find_lists
    from server.queries.entities import count_live

    project = get_ready_project(project_id)
    counts = count_live(project.id)
    rows: list[dict[str, object]] = [
        {
            "name": facts.name,
            "entities": counts.get(facts.id, (0, 0))[0],
            "conflicts": counts.get(facts.id, (0, 0))[1],
            "properties": _listed([p.name for p in facts.properties], as_json),
            "forms": _listed(sorted({w.xml_form_id for w in facts.writers}), as_json),
            "approvalRequired": facts.approval_required,
        }
        for facts in find_lists(None, project.id).values()
    ]
    print_rows(rows, as_json=as_json)


@command.command("list")
@of_list
@click.option("--conflicts", is_flag=True, help="Only those that somebody should look at.")
@click.option("--deleted", is_flag=True, help="Those that were deleted or merged.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@json_option
def list_(
    facts: DatasetFacts, by: Caller, conflicts: bool, deleted: bool, limit: int, as_json: bool
) -> None:
    """List the entities of LIST, the newest first; the access log says that you did."""
    from server.models import ConflictState
    from server.queries import entity_pages
    from server.queries.entity_pages import Wanted

    access = _read_all(facts, by)
    wanted = Wanted(deleted, frozenset(ConflictState) if conflicts else frozenset())
    found = entity_pages.list_page(facts.id, access.scope, wanted, before=None, limit=limit + 1)
    print_rows([_row(row) for row in found[:limit]], as_json=as_json)
    if not found:
        click.echo(words("entities_none", list=facts.name), err=True)
    if len(found) > limit:
        click.echo(words("entities_more", count=limit, limit=min(limit * 10, 100_000)), err=True)


@command.command("show")
@of_list
@UUID
@_RESTRICTED
@json_option
def show(facts: DatasetFacts, by: Caller, uuid: str, restricted: bool, as_json: bool) -> None:
    """Show one entity of LIST as it is now; the access log says that you did."""
    from server.actions.entities.references import follow

    access, row = _find_one(facts, uuid, by)
    known = _read_facts(facts, row, by) if restricted else None
    _log_one(row, by, restricted=restricted)
    about = _row(row) | {"deletedAt": row.deleted_at, "mergedInto": row.merged_into}
    (values,) = follow(facts, [row.data])
    data = {name: values.get(name, "") for name in access.properties}
    if as_json:
        print_json(about | {"data": data} | ({} if known is None else {"restricted": known}))
        return
    print_rows([about], as_json=False)
    if row.merged_into is not None:
        click.echo(
            words("entity_merged_into", list=facts.name, uuid=row.uuid, into=row.merged_into)
        )
    print_rows([{"property": k, "value": v} for k, v in data.items() if v], as_json=False)
    print_rows([{"restricted": k, **fact} for k, fact in (known or {}).items()], as_json=False)


@command.command("history")
@of_list
@UUID
@json_option
def history(facts: DatasetFacts, by: Caller, uuid: str, as_json: bool) -> None:
    """Show every version of one entity: what came, when, and from which submission.

    Without those by which you would learn of a submission that is not for you.
    """
    from server.actions.entities.access import may_see_source
    from server.queries import entity_pages

    access, row = _find_one(facts, uuid, by)
    _log_one(row, by)
    may_see = may_see_source(facts, by=by)
    rows = []
    for version in entity_pages.list_versions(row.id):
        received = {k: v for k, v in version.received.items() if k in access.properties}
        if not received and not may_see(version):
            continue
        rows.append(
            {
                "version": version.number,
                "createdAt": version.version_created_at,
                "label": version.label,
                "received": received if as_json else _in_words(received),
                "conflict": version.conflict,
                "submission": _source(version, may_see),
            }
        )
    print_rows(rows, as_json=as_json)


@command.command("export")
@of_list
@click.option("--out", required=True, type=NamedPath(".csv"), help="A .csv file.")
@_RESTRICTED
@json_option
def export(facts: DatasetFacts, by: Caller, out: Path, restricted: bool, as_json: bool) -> None:
    """Write LIST to a file that a spreadsheet opens, and that import takes."""
    from server.actions.entities.exporting import iter_csv
    from server.actions.entities.restricting import require_facts
    from server.auth.roles import Verb

    scopes = require_facts(facts, Verb.ENTITY_LIST, by=by) if restricted else {}
    access = _read_all(facts, by, restricted=restricted)
    count = 0
    with open_private(out) as file, snapshot():
        for piece, rows in iter_csv(access, restricted=scopes):
            file.write(piece)
            count += rows
    if as_json:
        print_json({"out": str(out), "rows": count})
    else:
        click.echo(words("entities_written", path=out, count=count))


def _read_all(facts: DatasetFacts, by: Caller, *, restricted: bool = False) -> Access:
    from server.actions.entities.access import require_access
    from server.actions.readings import log_reading
    from server.auth.roles import Verb

    access = require_access(facts, Verb.ENTITY_LIST, by=by)
    details = {"restricted": True} if restricted else {}
    log_reading(by, "dataset.entity.export", "dataset", facts.id, **details)
    return access


def _find_one(facts: DatasetFacts, uuid: str, by: Caller) -> tuple[Access, PageRow]:
    """A deleted one too."""
    from server.actions.entities.access import require_access
    from server.actions.entities.changing import plain_uuid
    from server.auth.roles import Verb
    from server.queries.entity_pages import find_entity

    access = require_access(facts, Verb.ENTITY_READ, by=by)
    wanted = plain_uuid(uuid)
    row = find_entity(facts.id, wanted, access.scope)
    row = row or find_entity(facts.id, wanted, access.scope, is_deleted=True)
    if row is None:
        raise NotFound(subject="entity", name=uuid)
    return access, row


def _log_one(row: PageRow, by: Caller, *, restricted: bool = False) -> None:
    from server.actions.readings import log_reading

    details = {"restricted": True} if restricted else {}
    log_reading(by, "entity.read", "entity", row.id, **details)


def _read_facts(facts: DatasetFacts, row: PageRow, by: Caller) -> dict[str, dict[str, object]]:
    from server.actions.entities.restricting import list_facts, require_facts
    from server.auth.roles import Verb

    known = list_facts(row, require_facts(facts, Verb.ENTITY_READ, by=by))
    return {k: {"value": fact.value, "notedAt": fact.noted_at} for k, fact in known.items()}


def _row(row: PageRow) -> dict[str, object]:
    return {
        "uuid": row.uuid,
        "label": row.label,
        "version": row.number,
        "conflict": row.conflict,
        "village": row.village_code,
        "commune": row.commune_code,
    }


def _source(version: VersionRow, may_see: Callable[[VersionRow], bool]) -> str:
    """Restricted slips are not named to those who may not open them."""
    if version.instance_id is not None and may_see(version):
        return str(version.instance_id)
    return str(version.source)


def _listed(names: list[str], as_json: bool) -> list[str] | str:
    return names if as_json else ", ".join(names)


def _in_words(received: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in received.items())
