"""`phieu submissions review|comment|history|review-all`: decide what counts, and say why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import click
from flask.cli import with_appcontext

from server.actions.readings import log_reading
from server.actions.reviewing import (
    Decision,
    add_comment,
    count_reviewable,
    require_reason,
    review_page,
    set_review_state,
)
from server.auth.gate import require_submission
from server.auth.roles import Verb
from server.cli.common import (
    ID,
    asking,
    get_ready_project,
    json_option,
    person_option,
    print_json,
    print_rows,
    project_option,
    reason_option,
    settings,
    today,
    words,
)
from server.db import transaction
from server.errors import NotFound
from server.models import Form, ReviewState
from server.queries import actors, forms, submissions, units
from server.queries.exports import ExportScope, ReportedCommune
from server.queries.reviews import Extent, HistoryEntry, Reviewable, list_history

STATES = (
    *(ReviewState.APPROVED, ReviewState.HAS_ISSUES, ReviewState.REJECTED),
    ReviewState.RECEIVED,
)
"""What a person decides; `received` takes a decision back. An edit alone makes `edited`."""
_DAY = click.DateTime(["%Y-%m-%d"])
_state = click.argument("state", type=click.Choice([state.value for state in STATES]))
_comment = click.option(
    "--comment", default="", metavar="TEXT", help="What to say; for hasIssues and rejected: why."
)
_FILTER = (
    click.option(
        "--unit", "unit_codes", multiple=True, help="Of this commune, district, province."
    ),
    click.option("--village", "villages", multiple=True, help="Of this village."),
    click.option("--from", "from_", type=_DAY, help="Received on this day or later."),
    click.option("--to", type=_DAY, help="Received on this day or earlier."),
    click.option(
        "--review",
        multiple=True,
        type=click.Choice([s.value for s in ReviewState]),
        help="In this state now.",
    ),
    click.option("--form-version", "versions", multiple=True, help="Filled with this version."),
    click.option("--submitter", "submitters", multiple=True, metavar="EMAIL|ID", help="Sent by."),
    click.option("--finding", "codes", multiple=True, metavar="CODE", help="With this finding."),
)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which submissions are meant; those that may be repeated mean any."""
    for option in reversed(_FILTER):
        command = option(command)
    return command


@click.command("review")
@with_appcontext
@click.argument("instance_id")
@_state
@_comment
@person_option
@reason_option
@json_option
def review(
    instance_id: str, state: str, comment: str, person: str | None, reason: str, as_json: bool
) -> None:
    """Set the review state of the submission INSTANCE_ID."""
    by = asking(person, reason, project_id=get_ready_project(None).id)
    decision = Decision(ReviewState(state), comment)
    with transaction():
        submission, _ = submissions.get_submission(instance_id)
        said = set_review_state(submission, decision, by=by, asked=instance_id)
        body = said.body if said else ""
    row = {"instanceId": instance_id, "reviewState": state, "comment": body}
    _print_row(row, as_json=as_json)


@click.command("comment")
@with_appcontext
@click.argument("instance_id")
@click.argument("text")
@person_option
@reason_option
@json_option
def comment(instance_id: str, text: str, person: str | None, reason: str, as_json: bool) -> None:
    """Say TEXT about the submission INSTANCE_ID; whoever may read it reads that too."""
    by = asking(person, reason, project_id=get_ready_project(None).id)
    with transaction():
        submission, _ = submissions.get_submission(instance_id)
        said = add_comment(submission, text, by=by, asked=instance_id)
        row = {"instanceId": instance_id, "createdAt": said.created_at, "comment": said.body}
    _print_row(row, as_json=as_json)


@click.command("history")
@with_appcontext
@click.argument("instance_id")
@person_option
@reason_option
@json_option
def history(instance_id: str, person: str | None, reason: str, as_json: bool) -> None:
    """List states and comments of the submission INSTANCE_ID, newest first."""
    by = asking(person, reason, project_id=get_ready_project(None).id)
    submission, _ = submissions.get_submission(instance_id)
    form = forms.get_form_by_id(submission.form_id)
    require_submission(by, Verb.SUBMISSION_READ, submission, form, asked=instance_id)
    log_reading(by, "submission.read", "submission", submission.id)
    print_rows(history_rows(list_history(submission.id)), as_json=as_json)


def history_rows(entries: Sequence[HistoryEntry]) -> list[dict[str, Any]]:
    return [
        {
            "at": entry.at,
            "actor": entry.actor,
            "reviewState": entry.review_state.value if entry.review_state else None,
            "text": entry.text,
        }
        for entry in entries
    ]


@click.command("review-all")
@with_appcontext
@click.argument("xml_form_id", metavar="FORM")
@_state
@filtered
@_comment
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@person_option
@reason_option
@project_option
@json_option
def review_all(
    xml_form_id: str,
    state: str,
    comment: str,
    dry_run: bool,
    yes: bool,
    person: str | None,
    reason: str,
    project_id: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Set the review state of all submissions of FORM that the options leave."""
    project = get_ready_project(project_id)
    by = asking(person, reason, project_id=project.id)
    form = forms.get_form(project.id, xml_form_id)
    decision = Decision(ReviewState(state), comment)
    if not dry_run:
        require_reason(decision)  # before anybody is asked
    wanted = _reviewable(form, decision.state, **options)
    extent = count_reviewable(wanted, form, by=by)
    if not (dry_run or yes):
        click.confirm(
            words("review_confirm", count=extent.count, state=state), abort=True, err=True
        )
    last = -1
    changed = 0
    while last and not dry_run:
        with transaction():
            form = forms.get_form(project.id, xml_form_id)
            done, last = review_page(wanted, decision, form, extent, after_id=max(last, 0), by=by)
        changed += done
    _print_done(extent, changed, state, dry_run=dry_run, as_json=as_json)


def _print_row(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(row)
    else:
        print_rows([row], as_json=False)


def _print_done(extent: Extent, changed: int, state: str, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({"found": extent.count, "changed": changed})
    elif dry_run:
        click.echo(extent.count)
    else:
        click.echo(words("reviewed", count=changed, state=state))


def _reviewable(
    form: Form,
    state: ReviewState,
    *,
    unit_codes: tuple[str, ...],
    villages: tuple[str, ...],
    from_: datetime | None,
    to: datetime | None,
    review: tuple[str, ...],
    versions: tuple[str, ...],
    submitters: tuple[str, ...],
    codes: tuple[str, ...],
) -> Reviewable:
    scope = ExportScope(
        project_id=form.project_id,
        form_id=form.id,
        received_from=_midnight(from_) if from_ else None,
        received_before=_midnight(to + timedelta(days=1)) if to else None,
        review_states=tuple(ReviewState(name) for name in review),
        communes=_communes_of(unit_codes) if unit_codes else None,
    )
    return Reviewable(
        scope=scope,
        state=state,
        villages=villages,
        version_ids=tuple(forms.get_version(form, version).id for version in versions),
        submitter_ids=tuple(_actor_id(text) for text in submitters),
        finding_codes=codes,
    )


def _communes_of(unit_codes: Sequence[str]) -> tuple[ReportedCommune, ...]:
    """The communes of the units, each in its edition."""
    found: list[ReportedCommune] = []
    for code in unit_codes:
        communes = units.list_communes_of(units.get_unit(code, today()))
        if not communes:
            raise NotFound(what=f"commune in unit {code}")
        found += [ReportedCommune(commune.code, commune.edition) for commune in communes]
    return tuple(found)


def _actor_id(text: str) -> int:
    return actors.get_user(text).actor_id if "@" in text else int(ID(text))


def _midnight(day: datetime) -> datetime:
    return datetime.combine(day.date(), time.min, settings().tz)
