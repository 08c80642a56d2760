"""The first start: a project, the units, an administrator, a first phone, the shipped forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import server
from server.actions.drafting import Drafted, draft_form
from server.actions.people import add_app_user, add_user
from server.actions.publishing import Published, publish_form
from server.actions.unit_loading import load_units
from server.auth.callers import Caller, Occasion, operator
from server.models import Project
from server.queries import audits, projects
from server.storage import Storage

WORKBOOKS = Path(server.__file__).parent.parent / "xlsforms"
ADMINISTRATOR = "admin@phieu.local"
MEDIA = "media"


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What only this start can tell: the password once, and the way in for a first phone."""

    project: Project
    email: str
    password: str
    token: str


def set_up(
    *, storage: Storage, secret_key: str, on: date, workbooks: Path = WORKBOOKS
) -> FirstStart | None:
    """Create what a new installation needs; None where it is there already."""
    if projects.find_default_project() is not None:
        return None
    by = operator(Occasion(on, "command"))
    project = projects.add_project("Phiếu")
    audits.log(by, "project.create", "project", project.id)
    load_units(by=by)
    new = add_user(
        ADMINISTRATOR,
        role="admin",
        password=None,
        unit_code=None,
        project=project,
        on=on,
        by=by,
    )
    for workbook in shipped_workbooks(workbooks):
        publish_workbook(workbook, None, project=project, storage=storage, by=by)
    _, token = add_app_user(
        "Điện thoại thử",
        project=project,
        form_ids=(),
        unit_codes=(),
        on=on,
        secret_key=secret_key,
        by=by,
    )
    return FirstStart(project, ADMINISTRATOR, new.one_time_password or "", token)


def shipped_workbooks(folder: Path = WORKBOOKS) -> list[Path]:
    return sorted(folder.glob("*/*.xlsx"))


def publish_workbook(
    workbook: Path, media: Path | None, *, project: Project, storage: Storage, by: Caller
) -> Published:
    """Publish a file with the media beside it: `media`, else the folder media/ next to it."""
    return publish_form(
        workbook.read_bytes(),
        filename=workbook.name,
        media=read_media(workbook, media),
        project=project,
        storage=storage,
        by=by,
    )


def draft_workbook(
    workbook: Path,
    media: Path | None,
    *,
    project: Project,
    storage: Storage,
    secret_key: str,
    by: Caller,
) -> Drafted:
    """Make or replace a form's draft in the same way."""
    return draft_form(
        workbook.read_bytes(),
        filename=workbook.name,
        media=read_media(workbook, media),
        project=project,
        storage=storage,
        secret_key=secret_key,
        by=by,
    )


def read_media(workbook: Path, media: Path | None) -> dict[str, bytes]:
    folder = media or workbook.parent / MEDIA
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*")) if p.is_file()}
