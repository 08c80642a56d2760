"""What commands share: settings, an installation that is ready, tables and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import click
from flask import current_app

from server.actions.installation import FirstStart, set_up
from server.auth import callers
from server.auth.callers import Caller, Occasion
from server.auth.credentials import check_password
from server.config import Settings
from server.db import has_tables, transaction
from server.errors import FieldMissing, NotAllowed, NotFound, SchemaTooNew, TextTooLong
from server.messages import text
from server.models import Project
from server.queries import audits
from server.queries.projects import get_project
from server.storage import Storage

if TYPE_CHECKING:
    from server.actions.checking.slips import Checker
    from server.actions.retention import Periods

ID = click.IntRange(1, 2**31 - 1)
"""The id of a row: a number that the database has room for."""
MAX_ADMIN_PASSWORD = 40  # more would make the QR code hard to scan
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PERSON = click.option(
    "--as",
    "person",
    metavar="EMAIL",
    help="Do it as this person, whose password is asked for (or read from standard input).",
)
reason_option = click.option(
    "--reason", default="", metavar="TEXT", help="What it is for; the audit log keeps it."
)
project_option = click.option(
    "--project", "project_id", type=ID, metavar="ID", help="The project; else the first one."
)


def person_option(command: Callable[..., None]) -> Callable[..., None]:
    """The option --as; where the operator may not, the refusal says that it is needed."""

    @_PERSON
    @wraps(command)
    def ask(*args: object, person: str | None, **own: object) -> None:
        try:
            command(*args, person=person, **own)
        except NotAllowed as error:
            if person is not None:
                raise
            raise NotAllowed(subject="operator") from error

    return ask


def settings() -> Settings:
    return cast(Settings, current_app.config["PHIEU"])


def storage() -> Storage:
    return cast(Storage, current_app.extensions["phieu_storage"])


def checker() -> Checker:
    """What checks slips here."""
    from server.actions.checking.slips import Checker

    return Checker.of(settings(), storage())


def periods() -> Periods:
    """How long things are kept."""
    from server.actions.retention import Periods

    return Periods.of(settings())


def today() -> date:
    return datetime.now(settings().tz).date()


def occasion(reason: str = "") -> Occasion:
    return Occasion.now(settings().tz, "command", reason)


def operator(reason: str = "") -> Caller:
    """Whoever can run commands on the machine."""
    return callers.operator(occasion(reason))


def asking(person: str | None, reason: str, *, project_id: int) -> Caller:
    """Who asks by a command: the operator, or the person of `--as`, who types the password."""
    if person is None:
        return operator(reason)
    password = read_secret(from_stdin=not sys.stdin.isatty(), prompt=person, is_new=False)
    user = check_password(person, password, source="command")
    return callers.find_signed_in(user, project_id, occasion(reason))


def words(key: str, **details: object) -> str:
    """A text of the catalogue in the installation's language."""
    return text(key, settings().lang, **details)


def prepare() -> FirstStart | None:
    """Bring the schema up to date; on the first start, create what a new installation needs."""
    from server.cli.schema import is_known_revision, schema_revision, upgrade_schema

    if has_tables() and not is_known_revision(schema_revision()[0]):
        raise SchemaTooNew(schema=schema_revision()[0])
    storage().require_usable()
    before = schema_revision()[0]
    upgrade_schema()
    with transaction():
        _log_upgrade(before, schema_revision()[0])
        return set_up(storage=storage(), secret_key=settings().secret_key, on=today())


def _log_upgrade(before: str | None, now: str | None) -> None:
    """An empty database's first schema is no upgrade."""
    if before is not None and before != now:
        details = {"before": before, "now": now}
        audits.log(operator(), "upgrade.schema", "config", None, **details)


def get_ready_project(project_id: int | None) -> Project:
    """The project that a command works on; an empty folder becomes an installation first."""
    if not has_tables() and (first := prepare()) is not None:
        print_password(first)
    try:
        return get_project(project_id)
    except NotFound as error:  # elsewhere there is no such option
        raise NotFound(subject="project_option", name=project_id or "") from error


def print_password(first: FirstStart) -> None:
    """The one time that the password is shown; to standard error, so that --json stays JSON."""
    click.echo(words("administrator", email=first.email), err=True)
    click.echo(words("one_time_password", password=first.password), err=True)


def read_secret(*, from_stdin: bool, prompt: str = "Passphrase", is_new: bool = True) -> str:
    """A line of standard input, or what a person types at the terminal, unseen; twice if new."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=is_new, err=True))


def read_admin_password(*, from_stdin: bool) -> str:
    """What protects Collect's own settings; empty where none is wanted."""
    if not from_stdin:
        return ""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise FieldMissing(subject="admin_password", field="--admin-password-stdin")
    if len(password) > MAX_ADMIN_PASSWORD:
        raise TextTooLong(limit=MAX_ADMIN_PASSWORD)
    return password


def print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """A list as JSON, or as columns that fit their widest cell."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        return
    headings = list(rows[0])
    table = [headings, *([_cell(row[h]) for h in headings] for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(headings))]
    for row in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_json_value))


def _json_value(value: Any) -> str:
    """Moments as Central writes them: UTC, milliseconds, Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(settings().tz).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    return "" if value is None else str(value)
