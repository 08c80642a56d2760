"""Forms of every kind of data, people of every role, and slips from anywhere on any day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from server.actions.assigning import Duty, assign
from server.actions.installation import publish_workbook
from server.actions.people import add_app_user
from server.actions.receiving import receive_submission
from server.actions.slips import read_slip
from server.auth.callers import Caller, Occasion
from server.auth.gate import FormKey, Rights
from server.auth.passwords import hash_password
from server.auth.roles import Verb
from server.cli.common import operator, settings, storage, today
from server.db import db, transaction
from server.models import Actor
from server.queries import actors, forms
from server.queries.exports import ExportScope, Portion, count_sources, iter_pages
from server.queries.projects import get_project
from tests.helpers.slips import write_workbook

FORMS = {
    "register": "children",
    "case": "abuse_report",
    "plan": "commune_plan",
    "report": "village_monthly",
}
_FORM = """
| survey |
| | type | name | label |
| | today | today | |
| | text | commune_code | Commune |
| | text | village_code | Village |
| | text | name | Name |
| | text | hh_uid | Household |
| | image | photo | Photo |
| settings |
| | form_id | form_title | version |
| | {id} | {id} | 1 |
"""
PASSWORD = "một mật khẩu đủ dài"


_LIST = """| entities |
| | list_name | label |
| | {id}_list | ${name} |
"""


def publish_all(folder: Path, *, with_lists: bool = False) -> None:
    """One small form for each kind of data, perhaps with a list of entities: `children_list`."""
    form = _FORM.replace("| settings |", f"{_LIST}| settings |") if with_lists else _FORM
    for form_id in FORMS.values():
        workbook = write_workbook(folder, form.replace("{id}", form_id), f"{form_id}.xlsx")
        with transaction():
            publish_workbook(
                workbook, None, project=get_project(), storage=storage(), by=operator()
            )


def household(instance_id: str) -> str:
    """The key of the household that a slip is about: each is about another."""
    return f"hh-{instance_id[5:]}"


def slip(
    form_id: str, instance_id: str, *, commune: str, village: str = "", on: str, name: str = "Lan"
) -> bytes:
    return (
        f'<data id="{form_id}" version="1"><today>{on}</today>'
        f"<commune_code>{commune}</commune_code><village_code>{village}</village_code>"
        f"<name>{name}</name><hh_uid>{household(instance_id)}</hh_uid><photo/>"
        f"<meta><instanceID>{instance_id}</instanceID></meta></data>"
    ).encode()


def receive(xml: bytes, *, by: Caller | None = None) -> None:
    with transaction():
        receive_submission(read_slip(xml), by=by or operator(), project_id=1, tz=settings().tz)


def person(email: str, *duties: Duty, password_hash: str | None = None) -> Actor:
    """A user with these duties."""
    with transaction():
        user = actors.add_user(email, password_hash, one_time=False)
        for duty in duties:
            assign(user.actor, duty, project=get_project(), on=today(), by=operator())
        return user.actor


def hashed() -> str:
    return hash_password(PASSWORD)


def phone(name: str, *units: str, role: str = "app-user") -> str:
    """The token of an app user of these units."""
    with transaction():
        _, token = add_app_user(
            name,
            project=get_project(),
            form_ids=(),
            unit_codes=units,
            on=today(),
            secret_key=settings().secret_key,
            by=operator(),
            role=role,
        )
    return token


def asks(actor: Actor, on: date, reason: str = "test") -> Caller:
    """The person, signed in on a day."""
    return Caller(actor.id, actor.display_name, Occasion(on, "test", reason), project_id=1)


def seen(caller: Caller, form_id: str, verb: Verb = Verb.SUBMISSION_READ) -> set[str]:
    """The instanceIDs that the gate lets the caller have of a form."""
    form = forms.get_form(1, form_id)
    rows = Rights(caller).rows(verb, project_id=1, form=FormKey.of(form))
    scope = ExportScope(project_id=1, form_id=form.id)
    portion = Portion()
    for source, count in count_sources(scope, rows).items():
        portion.add(source, count)
    found = {row.instance_id for page in iter_pages(scope, rows, portion) for row in page}
    db.session.rollback()
    return found
