"""`phieu submissions`: one submission, its history, files, findings; pulling is in `pull`."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from server.actions.readings import log_reading
from server.auth.gate import require_submission
from server.auth.roles import Verb
from server.cli import pull
from server.cli.common import (
    asking,
    get_ready_project,
    json_option,
    person_option,
    print_json,
    print_rows,
    reason_option,
)
from server.queries import findings, forms, submission_attachments, submissions

command: click.Group = AppGroup(
    "submissions", help="Look at single submissions; pull those of another server."
)
command.add_command(pull.command)


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
    noticed = [
        {
            "instanceId": instance,
            "code": finding.code,
            "path": finding.path,
            "details": finding.details or {},
        }
        for finding, instance in findings.list_findings(submission.id)
    ]
    about = {
        "instanceId": submission.instance_id,
        "reviewState": submission.review_state.value,
        "village": submission.village_code,
        "edition": submission.edition,
        "commune": submission.commune_code,
        "deviceId": submission.device_id,
        "createdAt": submission.created_at,
    }
    if as_json:
        print_json(about | {"versions": versions, "attachments": files, "findings": noticed})
        return
    for rows in ([about], versions, files, noticed):
        print_rows(rows, as_json=False)
