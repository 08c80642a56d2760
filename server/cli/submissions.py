"""`phieu submissions`: one submission with its files and findings; see also `pull`, `reviews`."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask.cli import AppGroup

from server.actions.checking.rules import read_declared
from server.actions.definitions import get_definition
from server.actions.finding_texts import finding_text
from server.actions.readings import log_reading
from server.auth.gate import require_submission
from server.auth.roles import Verb
from server.cli import checks, pull, reviews
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    person_option,
    print_json,
    print_rows,
    reason_option,
    settings,
)
from server.models import Submission
from server.queries import findings, forms, submission_attachments, submissions
from server.queries.reviews import find_return_reason, list_history

command: click.Group = AppGroup(
    "submissions", help="Look at submissions, review them; pull those of another server."
)
command.add_command(pull.command)
command.add_command(checks.check)
for _command in (reviews.review, reviews.comment, reviews.history, reviews.review_all):
    command.add_command(_command)


@command.command("show")
@click.argument("instance_id")
@click.option("--xml", "as_xml", is_flag=True, help="The bytes as they were sent.")
@person_option
@reason_option
@json_option
def show(instance_id: str, as_xml: bool, person: str | None, reason: str, as_json: bool) -> None:
    """Show the submission with this INSTANCE_ID (of any of its versions)."""
    project = get_ready_project(None)
    by = asking(person, reason, project_id=project.id)
    submission, current = submissions.get_submission(instance_id)
    form = forms.get_form_by_id(submission.form_id)
    require_submission(by, Verb.SUBMISSION_READ, submission, form, asked=instance_id)
    log_reading(by, "submission.read", "submission", submission.id)
    if as_xml:
        sys.stdout.buffer.write(submissions.load_xml(current.id))
        return
    versions = [
        {
            "instanceId": v.instance_id,
            "deprecatedId": v.deprecated_id,
            "instanceName": v.instance_name,
            "receivedAt": v.received_at,
            "current": v.is_current,
        }
        for v in submissions.list_submission_versions(submission.id)
    ]
    files = [
        {
            "name": f.name,
            "expected": f.is_expected,
            "arrived": bool(f.sha256),
            "conflict": f.is_conflict,
            "size": f.size,
            "sha256": f.sha256 or None,
        }
        for f in submission_attachments.list_attachments(current.id)
    ]
    noticed = _finding_rows(submission)
    history = list_history(submission.id)
    about = {
        "instanceId": submission.instance_id,
        "reviewState": submission.review_state.value,
        "returnedFor": find_return_reason(submission.review_state, history) or None,
        "village": submission.village_code,
        "edition": submission.edition,
        "commune": submission.commune_code,
        "deviceId": submission.device_id,
        "createdAt": submission.created_at,
    }
    said = [row for row in reviews.history_rows(history) if row.pop("reviewState") is None]
    if as_json:
        lists = {"versions": versions, "attachments": files, "findings": noticed, "comments": said}
        print_json(about | lists)
        return
    for rows in ([about], versions, files, noticed, said):
        print_rows(rows, as_json=False)


def _finding_rows(submission: Submission) -> list[dict[str, Any]]:
    """What was noticed, in words; each version is judged by the form it was filled with."""
    rows: list[dict[str, Any]] = []
    for found in findings.list_findings(submission.id):
        version = forms.get_version_by_id(found.form_version_id)
        definition = get_definition(version.id, version.sha256, version.commune_field)
        finding = found.finding
        rows.append(
            {
                "instanceId": found.instance_id,
                "severity": finding.severity.value,
                "code": finding.code,
                "path": finding.path,
                "value": finding.value,
                "text": finding_text(
                    definition,
                    read_declared(forms.load_checks(version.id)),
                    settings().lang,
                    code=finding.code,
                    path=finding.path or "",
                    value=finding.value or "",
                    details=finding.details,
                ),
                "details": finding.details or {},
            }
        )
    return rows
