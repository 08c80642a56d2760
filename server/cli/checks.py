"""`phieu submissions check`: judge again what was received (docs/checks.md)."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from server.actions.checking.again import check_again
from server.cli.common import (
    checker,
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    project_option,
    words,
)
from server.queries import checked, forms, submissions


@click.command("check")
@click.argument("form", required=False)
@click.option("--id", "instance_id", metavar="INSTANCE_ID", help="Only this submission.")
@project_option
@json_option
@with_appcontext
def check(form: str | None, instance_id: str | None, project_id: int | None, as_json: bool) -> None:
    """Check all submissions, those of FORM, or one by its form's rules and checks again."""
    project = get_ready_project(project_id)
    form_id = forms.get_form(project.id, form).id if form else None
    submission_id = submissions.get_submission(instance_id)[0].id if instance_id else None
    count = checked.count_current(form_id=form_id, submission_id=submission_id)
    with click.progressbar(length=count, file=sys.stderr) as bar:
        outcome = check_again(
            checker(),
            by=operator(),
            form_id=form_id,
            submission_id=submission_id,
            progress=bar.update,
        )
    if as_json:
        print_json(
            {
                "submissions": outcome.submissions,
                "changed": outcome.changed,
                "failed": outcome.failed,
                "findings": dict(sorted(outcome.codes.items())),
            }
        )
        return
    rows = [{"code": code, "findings": n} for code, n in outcome.codes.most_common()]
    print_rows(rows, as_json=False)
    click.echo(words("checked", count=outcome.submissions, changed=outcome.changed))
