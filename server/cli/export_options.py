"""The options of `phieu exports write` that say what is asked for; schedules take them too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any

import click

from exports.options import Split, Values
from server.actions.exporting.asking import (
    AS_REPORTED,
    NO_LABELS,
    ExportRequest,
    is_edition,
)
from server.actions.exporting.orders import FORMAT_NAMES, By
from server.actions.exporting.profiles import Profile
from server.cli.common import ID
from server.models import ReviewState

_Option = Callable[[Callable[..., None]], Callable[..., None]]
_DAY = click.DateTime(["%Y-%m-%d"])


def _check_edition(_context: click.Context, option: click.Parameter, text: str) -> str:
    if not is_edition(text):
        message = "Give as-reported, current or a day such as 2025-07-01."
        raise click.BadParameter(message, param=option)
    return text


_SCOPE = (
    click.option(
        "--unit", "units", multiple=True, help="Only this commune or province; may be repeated."
    ),
    click.option(
        "--edition",
        default=AS_REPORTED,
        callback=_check_edition,
        metavar="as-reported|current|DATE",
        help="The communes of which edition; each as it was reported, if not said.",
    ),
    click.option("--deleted", is_flag=True, help="Also deleted submissions."),
    click.option("--review", multiple=True, type=click.Choice([s.value for s in ReviewState])),
)
_SHAPE = (
    click.option("--format", "format", default="csv", type=click.Choice(FORMAT_NAMES)),
    click.option(
        "--by",
        default="none",
        type=click.Choice([str(by) for by in By]),
        help="Files for each commune, village or collaborator.",
    ),
    click.option(
        "--labels", default=NO_LABELS, help="A language of the form (vi, en, …), or none."
    ),
    click.option(
        "--values",
        default="labels",
        type=click.Choice([str(v) for v in Values]),
        help="What stands in cells of choices, where there are labels.",
    ),
    click.option(
        "--split-multiple",
        "split",
        default="none",
        type=click.Choice([str(s) for s in Split]),
        help="A column for each choice of a select of several: beside its own, or only.",
    ),
    click.option("--group-prefixes/--no-group-prefixes", default=True),
    click.option(
        "--older-fields/--no-older-fields",
        default=True,
        help="Also fields that the newest version has no more.",
    ),
    click.option(
        "--column", "columns", multiple=True, help="Only this column or group of columns."
    ),
)
_PROFILE = (
    click.option(
        "--profile",
        default=Profile.FULL.value,
        type=click.Choice([str(p) for p in Profile]),
        help="deidentified: nothing that leads to people; see docs/deidentified.md.",
    ),
    click.option("--purpose", default="", help="De-identified: what for."),
    click.option("--recipient", default="", help="De-identified: who gets it."),
    click.option("--until", type=_DAY, help="De-identified: the last day on which they keep it."),
    click.option(
        "--release", type=ID, metavar="ID", help="De-identified: go on with this release instead."
    ),
    click.option("--grid", is_flag=True, help="De-identified: positions as a grid of about 1 km."),
)
_DAYS = (
    click.option("--from", "from_", type=_DAY, help="Received on this day or later."),
    click.option("--to", type=_DAY, help="Received on this day or earlier."),
)
_OF_WORKBOOKS = (click.option("--labels", default="vi", help="A language of the form: vi, en, …"),)


def request_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command is called with them as one argument `request`."""
    return _decorate(command, (*_SHAPE, *_SCOPE, *_DAYS, *_PROFILE))


def lasting_options(command: Callable[..., None]) -> Callable[..., None]:
    """The same without days, for what is written again and again."""
    return _decorate(command, (*_SHAPE, *_SCOPE, *_PROFILE))


def workbook_options(command: Callable[..., None]) -> Callable[..., None]:
    """The same for workbooks, whose shape is their own."""
    return _decorate(command, (*_SCOPE, *_DAYS, *_OF_WORKBOOKS))


def _decorate(command: Callable[..., None], options: Sequence[_Option]) -> Callable[..., None]:
    @wraps(command)
    def ask(*args: object, **given: Any) -> None:
        asked = {name: given.pop(name) for name in _NAMES if name in given}
        command(*args, request=_read(**asked), **given)

    decorated: Callable[..., None] = ask
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


_NAMES = (
    *("format", "by", "units", "edition", "labels", "values", "split", "group_prefixes"),
    *("older_fields", "deleted", "columns", "from_", "to", "review"),
    *("profile", "purpose", "recipient", "until", "release", "grid"),
)
_WORDS: Mapping[str, Callable[[str], Any]] = {
    "by": By,
    "values": Values,
    "split": Split,
    "profile": Profile,
}


def _read(
    *,
    review: tuple[str, ...],
    from_: datetime | None = None,
    to: datetime | None = None,
    until: datetime | None = None,
    **given: Any,
) -> ExportRequest:
    if from_ and to and to < from_:
        raise click.BadParameter("It is before --from.", param_hint="--to")
    return ExportRequest(
        received_from=_day(from_),
        received_to=_day(to),
        until=_day(until),
        review=tuple(ReviewState(state) for state in review),
        **{name: _WORDS[name](v) if name in _WORDS else v for name, v in given.items()},
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
