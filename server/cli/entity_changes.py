"""`phieu entities resolve|delete|restore|duplicates|merge`: what staff decide of the register."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import click
from flask.cli import with_appcontext

from server.auth.callers import Caller
from server.cli.common import json_option, print_json, print_rows, words
from server.cli.listed import UUID, of_list
from server.db import transaction
from server.queries.datasets import DatasetFacts


@click.command("resolve")
@with_appcontext
@of_list
@UUID
def resolve(facts: DatasetFacts, by: Caller, uuid: str) -> None:
    """Say that somebody looked at the conflict of one entity; what is there stays."""
    from server.actions.entities.changing import resolve_conflict

    _change(resolve_conflict, facts, uuid, by)


@click.command("delete")
@with_appcontext
@of_list
@UUID
def delete(facts: DatasetFacts, by: Caller, uuid: str) -> None:
    """Take one entity off the phones' lists; it can be restored."""
    from server.actions.entities.changing import delete_entity

    _change(delete_entity, facts, uuid, by)


@click.command("restore")
@with_appcontext
@of_list
@UUID
def restore(facts: DatasetFacts, by: Caller, uuid: str) -> None:
    """Bring back an entity that was deleted."""
    from server.actions.entities.changing import restore_entity

    _change(restore_entity, facts, uuid, by)


def _change(do: Callable[..., None], facts: DatasetFacts, uuid: str, by: Caller) -> None:
    from server.actions.entities.changing import plain_uuid

    with transaction():
        do(facts, plain_uuid(uuid), by=by)
    click.echo(words("entity_changed", uuid=uuid))


@click.command("duplicates")
@with_appcontext
@of_list
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@json_option
def duplicates(facts: DatasetFacts, by: Caller, limit: int, as_json: bool) -> None:
    """Propose which entities of LIST may be one; a person decides (phieu entities merge)."""
    from server.actions.entities.merging import propose_merges
    from server.actions.readings import log_reading

    rows = [
        {
            "keep": proposal.keep,
            "merge": proposal.drop,
            "label": proposal.labels[0],
            "mergeLabel": proposal.labels[1],
            "village": proposal.village_codes[0],
            "mergeVillage": proposal.village_codes[1],
        }
        for proposal in islice(propose_merges(facts, by=by), limit + 1)
    ]
    log_reading(by, "dataset.entity.export", "dataset", facts.id)
    print_rows(rows[:limit], as_json=as_json)
    if not rows:
        click.echo(words("duplicates_none", list=facts.name), err=True)
    if len(rows) > limit:
        click.echo(words("duplicates_more", count=limit, limit=min(limit * 10, 100_000)), err=True)


@click.command("merge")
@with_appcontext
@of_list
@click.argument("keep", metavar="KEEP")
@click.argument("merge", metavar="MERGE")
@click.option("--undo", is_flag=True, help="Take them apart again.")
@json_option
def merge_(
    facts: DatasetFacts, by: Caller, keep: str, merge: str, undo: bool, as_json: bool
) -> None:
    """Make MERGE part of KEEP, which gets what it lacks: two entries were one child."""
    from server.actions.entities.changing import plain_uuid
    from server.actions.entities.merging import merge_entities, split_entity

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
