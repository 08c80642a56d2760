"""What commands that write exports have in common: which submissions, of which communes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

import click

from server.actions.decrypting import Status
from server.actions.exporting.orders import Written
from server.actions.exporting.writing import Installed
from server.cli.common import print_json, settings, storage, today, words
from server.errors import NotFound
from server.models import ReviewState, Unit
from server.projection.files import RowFiles
from server.queries import units
from server.queries.exports import ExportScope, ReportedCommune

_AS_REPORTED, _CURRENT = "as-reported", "current"
_DAY = click.DateTime(["%Y-%m-%d"])
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _check_edition(_context: click.Context, option: click.Parameter, text: str) -> str:
    try:
        return text if text in (_AS_REPORTED, _CURRENT) else str(date.fromisoformat(text))
    except ValueError as error:
        message = "Give as-reported, current or a day such as 2025-07-01."
        raise click.BadParameter(message, param=option) from error


def scope_options(command: _Command) -> _Command:
    """The options that say which submissions."""
    for option in reversed(_SCOPE):
        command = option(command)
    return command


_SCOPE = (
    click.option(
        "--unit",
        "unit_codes",
        multiple=True,
        help="Only this commune or province; may be repeated.",
    ),
    click.option(
        "--edition",
        default=_AS_REPORTED,
        callback=_check_edition,
        metavar="as-reported|current|DATE",
        help="The communes of which edition; each as it was reported, if not said.",
    ),
    click.option("--deleted", is_flag=True, help="Also deleted submissions."),
    click.option("--from", "from_", type=_DAY, help="Received on this day or later."),
    click.option("--to", type=_DAY, help="Received on this day or earlier."),
    click.option("--review", multiple=True, type=click.Choice([s.value for s in ReviewState])),
)


def make_scope(
    *,
    project_id: int,
    form_id: int,
    chosen: Sequence[Unit],
    deleted: bool,
    from_: datetime | None,
    to: datetime | None,
    review: Sequence[str],
) -> ExportScope:
    if from_ and to and to < from_:
        raise click.BadParameter("It is before --from.", param_hint="--to")
    return ExportScope(
        project_id=project_id,
        form_id=form_id,
        received_from=_midnight(from_),
        received_before=_midnight(to + timedelta(days=1)) if to else None,
        review_states=tuple(ReviewState(state) for state in review),
        communes=_communes_of(chosen),
        with_deleted=deleted,
    )


def installed() -> Installed:
    return Installed(storage(), RowFiles(storage().root, settings().secret_key), settings().tz)


def find_edition(text: str) -> str | None:
    """The id of the edition asked for; None for each commune as it was reported."""
    if text == _AS_REPORTED:
        return None
    edition = units.find_edition(today() if text == _CURRENT else date.fromisoformat(text))
    if edition is None:
        raise NotFound(subject="edition", name=text)
    return edition.id


def find_unit(code: str, edition: str | None) -> Unit:
    if edition is None:
        return units.get_unit(code, today())
    unit = units.find_unit(edition, code)
    if unit is None:
        raise NotFound(subject="unit", name=code)
    return unit


def _communes_of(chosen: Sequence[Unit]) -> tuple[ReportedCommune, ...] | None:
    """The communes of the units asked for, each in its edition; None where none was."""
    if not chosen:
        return None
    found = {unit.code: units.list_communes_of(unit) for unit in chosen}
    for code, communes in found.items():
        if not communes:
            raise NotFound(what=f"commune in unit {code}")
    return tuple(
        ReportedCommune(c.code, c.edition) for communes in found.values() for c in communes
    )


def print_written(written: Written, chosen: Sequence[Unit], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "out": str(written.out),
                "submissions": written.submissions,
                "communes": written.communes,
                "communeUnknown": written.unknown,
                "units": [{"code": u.code, "edition": u.edition, "name": u.name} for u in chosen],
                "decrypted": written.decrypted,
                "statuses": written.statuses,
            }
        )
        return
    click.echo(words("export_written", path=written.out, count=written.submissions))
    for unit in chosen:
        click.echo(f"{unit.code} {unit.name}, {unit.edition}")
    for status, count in written.statuses.items():
        said = words(f"sealed_{Status(status).name.lower()}")
        click.echo(words("export_sealed", count=count, status=said), err=True)
    if Status.NOT_DECRYPTED in written.statuses:
        click.echo(words("export_not_decrypted"), err=True)


def _midnight(day: datetime | None) -> datetime | None:
    return datetime.combine(day.date(), time.min, settings().tz) if day else None
