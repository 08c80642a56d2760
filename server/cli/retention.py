"""`phieu retention`: what has been kept for its period; with --run, let it go."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from server.actions.retention import find_expired, let_go
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    periods,
    person_option,
    print_json,
    print_rows,
    words,
)
from server.db import transaction


@click.command("retention")
@click.option("--run", is_flag=True, help="Destroy it; else it is only listed.")
@person_option
@json_option
@with_appcontext
def command(run: bool, person: str | None, as_json: bool) -> None:
    """List what has been kept longer than its period, or destroy it for good."""
    project_id = get_ready_project(None).id
    by = asking(person, "", project_id=project_id)
    if not run:
        rows = [
            asdict(expired) for expired in find_expired(periods(), project_id=project_id, by=by)
        ]
        print_rows(rows, as_json=as_json)
        return
    total: Counter[str] = Counter()
    while True:
        with transaction():
            gone = let_go(periods(), project_id=project_id, by=by)
        if not gone:
            break
        total.update(gone)
    if as_json:
        print_json(total)
    else:
        click.echo(words("retention_run", count=total.total()))
