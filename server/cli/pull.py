"""`phieu submissions pull`: another server's forms and submissions into this installation."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import click
from flask.cli import with_appcontext

from forms.openrosa_lists import ListedForm
from forms.xforms import read_root_name
from server.actions.pulling import forms as pulled_forms
from server.actions.pulling import submissions as pulled_submissions
from server.actions.pulling.client import Client, Credentials
from server.actions.pulling.sources import PulledInstance, Source
from server.actions.pulling.submissions import PulledForm
from server.actions.receiving import receive_submission
from server.actions.releasing import is_release_due, release_edits
from server.auth.callers import Caller
from server.cli.common import (
    checker,
    get_ready_project,
    json_option,
    operator,
    print_json,
    project_option,
    settings,
    storage,
    words,
)
from server.cli.errors import REFUSED, language
from server.db import transaction
from server.errors import Problem, SubmissionDeleted, TooManyFailures
from server.messages import error_text
from server.queries import forms, pulls
from server.queries.projects import get_project

MAX_FAILED = 1000
_SHOWN = 20


@dataclass(slots=True)
class Outcome:
    """What became of one form; `failed` maps instance ids to reasons.

    `incomplete` are slips of which a file is missing at the source too; they come again with it.
    """

    xml_form_id: str
    published: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    received: int = 0
    known: int = 0
    incomplete: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pull:
    """One source into one project."""

    source: Source
    source_sha256: str
    project_id: int
    by: Caller


@click.command("pull")
@click.argument("url")
@click.option("--form", "form_ids", multiple=True, help="A form; may be repeated; else all.")
@click.option("--user", help="User name at the other server.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--from-start", is_flag=True, help="Ask for everything again, not for what is new.")
@project_option
@json_option
@with_appcontext
def command(
    url: str,
    form_ids: tuple[str, ...],
    user: str | None,
    password_stdin: bool,
    from_start: bool,
    project_id: int | None,
    as_json: bool,
) -> None:
    """Read forms and submissions of the OpenRosa server at URL, as it is typed into ODK Collect.

    Run again, it goes on where it was and fetches only what is new.
    """
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("http://… or https://…", param_hint="URL")
    client = Client(url, _credentials(user, password_stdin))
    project = get_ready_project(project_id)
    digest = hashlib.sha256(client.base.encode()).hexdigest()
    pull = _Pull(Source(client), digest, project.id, operator())
    offered = pull.source.list_forms()
    wanted = [pull.source.find_form(offered, name) for name in form_ids or offered]
    outcomes = [_pull_form(pull, listed, from_start=from_start) for listed in wanted]
    _print(outcomes, as_json=as_json)
    if any(outcome.failed for outcome in outcomes):
        sys.exit(REFUSED)


def _credentials(user: str | None, password_stdin: bool) -> Credentials | None:
    if (user is None) == password_stdin:
        raise click.UsageError("--user and --password-stdin belong together.")
    return Credentials(user, sys.stdin.readline().rstrip("\r\n")) if user is not None else None


def _pull_form(pull: _Pull, listed: ListedForm, *, from_start: bool) -> Outcome:
    outcome = Outcome(listed.xml_form_id)
    _publish_missing(pull, listed, outcome)
    form = _pulled_form(pull, listed.xml_form_id)
    with transaction():
        row = pulls.get_cursor(pull.project_id, pull.source_sha256, form.xml_form_id)
        start = "" if from_start else row.cursor
        failed = list(row.failed)
    submissions = _iter_received(pull, form, start, failed, outcome)
    with click.progressbar(
        submissions, label=listed.xml_form_id, show_pos=True, file=sys.stderr
    ) as bar:
        for _ in bar:
            if len(outcome.failed) > MAX_FAILED:
                reason = next(reversed(outcome.failed.values()))
                raise TooManyFailures(form=form.xml_form_id, limit=MAX_FAILED, reason=reason)
    return outcome


def _publish_missing(pull: _Pull, listed: ListedForm, outcome: Outcome) -> None:
    project = get_project(pull.project_id)
    for version in pulled_forms.list_missing(pull.source, listed, project):
        limit = settings().max_upload
        with pulled_forms.fetched(pull.source, version, storage(), limit) as form, transaction():
            published = pulled_forms.publish_fetched(
                form,
                pull.source,
                is_offered=version is listed,
                project=get_project(pull.project_id),
                storage=storage(),
                by=pull.by,
            )
            if published is not None and published.is_new:
                outcome.published.append(published.version.version)
                if address := published.definition.submission_url:
                    outcome.warnings.append(f"submission_url: {address}")


def _pulled_form(pull: _Pull, xml_form_id: str) -> PulledForm:
    with transaction():
        form = forms.get_form(pull.project_id, xml_form_id)
        version = forms.get_current_version(form)
        root = read_root_name(forms.load_xform(version.id))
        return PulledForm(xml_form_id, form.id, pull.project_id, root)


def _iter_received(
    pull: _Pull, form: PulledForm, cursor: str, failed: list[str], outcome: Outcome
) -> Iterator[str]:
    """Receive what failed before, then page after page; each finished page is remembered."""
    yield from _receive_all(pull, form, failed, outcome)
    _remember(pull, form, cursor, outcome)
    before: tuple[str, ...] = ()
    while True:
        page = pull.source.list_ids(form.xml_form_id, cursor)
        if not page.ids or page.ids == before:
            return
        yield from _receive_all(pull, form, page.ids, outcome)
        _remember(pull, form, page.cursor, outcome)
        if page.cursor in ("", cursor):
            return
        before, cursor = page.ids, page.cursor


def _remember(pull: _Pull, form: PulledForm, cursor: str, outcome: Outcome) -> None:
    with transaction():
        row = pulls.get_cursor(pull.project_id, pull.source_sha256, form.xml_form_id)
        row.cursor, row.failed = cursor, list(outcome.failed)


def _receive_all(
    pull: _Pull, form: PulledForm, ids: tuple[str, ...] | list[str], outcome: Outcome
) -> Iterator[str]:
    for instance_id in ids:
        reason = _receive_one(pull, form, instance_id, outcome)
        if reason is None:
            outcome.failed.pop(instance_id, None)
        else:
            outcome.failed[instance_id] = error_text(reason.code, language(), reason.details)
        yield instance_id


def _receive_one(
    pull: _Pull, form: PulledForm, instance_id: str, outcome: Outcome
) -> Problem | None:
    """Receive an instance after those that it replaced; return why it or a file of it failed."""
    try:
        found = pull.source.load_instance(form.xml_form_id, form.root, instance_id)
        problems: list[Problem] = []
        for older in pulled_submissions.list_older(pull.source, form, found):
            previous = pull.source.load_instance(form.xml_form_id, form.root, older)
            problems += _receive(pull, form, previous, outcome)
        problems += _receive(pull, form, found, outcome)
    except SubmissionDeleted:
        outcome.known += 1  # staff deleted it here: that stands
        return None
    except Problem as problem:
        if problem.status >= 500:
            pulled_submissions.require_source(pull.source, form, problem)
        return problem
    return problems[0] if problems else None


def _receive(
    pull: _Pull, form: PulledForm, instance: PulledInstance, outcome: Outcome
) -> list[Problem]:
    limit = settings().max_upload
    with pulled_submissions.fetched(pull.source, form, instance, storage(), limit) as found:
        slip = pulled_submissions.prepare_slip(found, form, storage(), by=pull.by)
        tz, project_id = settings().tz, form.project_id
        slip = checker().with_judgement(slip, by=pull.by, project_id=project_id)
        with transaction():
            receipt = receive_submission(slip, by=pull.by, project_id=project_id, tz=tz)
    if is_release_due(receipt):
        with transaction():
            release_edits(receipt.form_id, receipt.awaited_id, checker=checker())
    outcome.received += receipt.is_new
    outcome.known += not receipt.is_new
    outcome.incomplete += bool(receipt.missing)
    return found.problems


def _print(outcomes: list[Outcome], *, as_json: bool) -> None:
    for outcome in outcomes:
        for warning in outcome.warnings:
            click.echo(f"{outcome.xml_form_id}: {warning}", err=True)
        for instance_id, reason in list(outcome.failed.items())[:_SHOWN]:
            click.echo(f"{instance_id}: {reason}", err=True)
    if as_json:
        print_json([_json(outcome) for outcome in outcomes])
        return
    for outcome in outcomes:
        click.echo(
            words(
                "pulled",
                form=outcome.xml_form_id,
                new=outcome.received,
                known=outcome.known,
                incomplete=outcome.incomplete,
                failed=len(outcome.failed),
            )
        )


def _json(outcome: Outcome) -> dict[str, object]:
    return {
        "form": outcome.xml_form_id,
        "published": outcome.published,
        "received": outcome.received,
        "known": outcome.known,
        "incomplete": outcome.incomplete,
        "failed": [{"instanceId": k, "reason": v} for k, v in outcome.failed.items()],
    }
