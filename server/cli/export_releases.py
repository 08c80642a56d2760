"""`phieu exports releases`: what was handed over de-identified, and until when it may be kept."""

from __future__ import annotations

from typing import Any

from flask.cli import AppGroup

from server.cli.common import get_ready_project, json_option, print_rows, project_option
from server.models import Release
from server.queries import actors, forms, releases

command = AppGroup("releases", help="Releases of de-identified data.")


@command.command("list")
@project_option
@json_option
def list_(project_id: int | None, as_json: bool) -> None:
    """List the releases; one whose key is destroyed takes no more files."""
    project = get_ready_project(project_id)
    print_rows([_row(release) for release in releases.list_releases(project.id)], as_json=as_json)


def _row(release: Release) -> dict[str, Any]:
    return {
        "id": release.id,
        "form": forms.get_form_by_id(release.form_id).xml_form_id,
        "purpose": release.purpose,
        "recipient": release.recipient,
        "until": release.until,
        "key": "kept" if release.key_sealed else "destroyed",
        "by": "" if release.actor_id is None else actors.get_name(release.actor_id),
        "created": release.created_at,
    }
