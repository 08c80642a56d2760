"""`phieu persons`: find a person, hand over or erase what is theirs, end a household's consent."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from server.actions.person_packages import write_person
from server.actions.persons import erase_person, find_erasures, find_persons
from server.actions.rebuilding import rebuild_consents
from server.actions.withdrawing import withdraw_consent
from server.auth.callers import Caller
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    person_option,
    print_json,
    print_rows,
    project_option,
    settings,
    storage,
    words,
)
from server.db import transaction
from server.jobs.erasing import remove_files
from server.jobs.surroundings import Surroundings
from server.queries.persons import count_versions

command: click.Group = AppGroup(
    "persons", help="Find a person, hand over or erase what is theirs, end a consent."
)


reason_option = click.option(
    "--reason",
    required=True,
    metavar="TEXT",
    help="What it is for, without names; the audit log keeps it.",
)
_key = click.argument("key")


@command.command("find")
@click.argument("text")
@click.option("--form", "xml_form_id", help="Only this form.")
@click.option("--loose", is_flag=True, help="Accents do not matter.")
@reason_option
@person_option
@project_option
@json_option
def find(
    text: str,
    xml_form_id: str | None,
    loose: bool,
    reason: str,
    person: str | None,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Find the name, telephone, personal ID or key TEXT in all slips and in the register."""
    project_id = get_ready_project(project_id).id
    by = _asking(person, reason, project_id)
    with _progress(project_id) as bar:
        search = find_persons(
            text,
            project_id=project_id,
            by=by,
            xml_form_id=xml_form_id,
            is_loose=loose,
            progress=bar.update,
        )
    with transaction():
        search.log(by, project_id)
    rows = [asdict(sighting) for sighting in search.found]
    registered = [asdict(sighting) for sighting in search.registered]
    if as_json:
        print_json(search.counts() | {"slips": rows, "register": registered})
        return
    print_rows(rows, as_json=False)
    print_rows(registered, as_json=False)
    click.echo(words("persons_searched", **search.counts()), err=True)


@command.command("export")
@_key
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .zip file."
)
@reason_option
@person_option
@project_option
@json_option
def export(
    key: str,
    out: Path,
    reason: str,
    person: str | None,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Write everything about the household or child KEY into a ZIP."""
    project_id = get_ready_project(project_id).id
    by = _asking(person, reason, project_id)
    package = write_person(
        key,
        out,
        project_id=project_id,
        by=by,
        storage=storage(),
        tz=settings().tz,
        language=settings().lang,
    )
    if as_json:
        print_json(asdict(package))
    else:
        click.echo(words("person_written", path=out, **asdict(package)))


@command.command("erase")
@_key
@click.option("--dry-run", is_flag=True, help="Only list what would be erased.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@reason_option
@person_option
@project_option
@json_option
def erase(
    key: str,
    dry_run: bool,
    yes: bool,
    reason: str,
    person: str | None,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Erase the household or child KEY for good: its answers, and what the register has."""
    project_id = get_ready_project(project_id).id
    by = _asking(person, reason, project_id)
    found = find_erasures(key, project_id=project_id, by=by)
    rows = [
        {"instance_id": id_, "part": "child" if erasure.child_key else "all"}
        for erasure, id_ in found.slips
    ]
    registered = [{"list": e.facts.name, "uuid": e.row.uuid} for e in found.entities]
    counts = {"count": len(found.slips), "entities": len(found.entities)}
    if dry_run and as_json:
        print_json([*rows, *registered])
    elif not as_json:
        print_rows(rows, as_json=False)
        print_rows(registered, as_json=False)
    if dry_run:
        return
    if not yes:
        click.confirm(words("person_confirm", **counts), abort=True, err=True)
    with transaction():
        found = find_erasures(key, project_id=project_id, by=by)
        keys = erase_person(key, found, project_id=project_id, by=by)
    remove_files(Surroundings.of(settings(), storage()), keys)
    if as_json:
        print_json({"erased": [*rows, *registered]})
    else:
        click.echo(words("person_erased", **counts))


@command.command("withdraw")
@_key
@reason_option
@person_option
@project_option
@json_option
def withdraw(
    key: str, reason: str, person: str | None, project_id: int | None, as_json: bool
) -> None:
    """The household KEY withdraws its consent: hide its slips now, erase them by a job."""
    project_id = get_ready_project(project_id).id
    by = _asking(person, reason, project_id)
    with transaction():
        count = withdraw_consent(key, project_id=project_id, by=by)
    if as_json:
        print_json({"hidden": count})
    else:
        click.echo(words("consent_withdrawn", count=count))


@command.command("rebuild")
def rebuild() -> None:
    """Derive the consents anew from the slips; withdrawals stay."""
    get_ready_project(None)
    last = -1
    with _progress(None) as bar:
        while last:
            with transaction():
                last = rebuild_consents(settings().tz, after_id=max(last, 0), progress=bar.update)


def _asking(person: str | None, reason: str, project_id: int) -> Caller:
    if not reason.strip():
        raise click.BadParameter(words("reason_needed"), param_hint="--reason")
    return asking(person, reason, project_id=project_id)


def _progress(project_id: int | None) -> Any:
    return click.progressbar(length=count_versions(project_id), file=sys.stderr)
