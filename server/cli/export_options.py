"""The options of `phieu exports write` that say what is asked for; schedules take them too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any

import click

from exports.options import Split, Values
from server.actions.exporting.asking import (
    AS_REPORTED,
    FORMAT_NAMES,
    NO_LABELS,
    ExportRequest,
    is_edition,
)
from server.actions.exporting.orders import By
from server.models import ReviewState

_Option = Callable[[Callable[..., None]], Callable[..., None]]
_DAY = click.DateTime(["%Y-%m-%d"])


def _check_edition(_context: click.Context, option: click.Parameter, text: str) -> str:
    if not is_edition(text):
        message = "Give as-reported, current or a day such as 2025-07-01."
        raise click.BadParameter(message, param=option)
    return text


_OPTIONS = (
    click.option("--format", "format_", default="csv", type=click.Choice(FORMAT_NAMES)),
    click.option(
        "--by",
        default="none",
        type=click.Choice([str(by) for by in By]),
        help="Files for each commune, village or collaborator.",
    ),
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
    click.option("--deleted", is_flag=True, help="Also deleted submissions."),
    click.option(
        "--column", "columns", multiple=True, help="Only this column or group of columns."
    ),
    click.option("--review", multiple=True, type=click.Choice([s.value for s in ReviewState])),
)
_DAYS = (
    click.option("--from", "from_", type=_DAY, help="Received on this day or later."),
    click.option("--to", type=_DAY, help="Received on this day or earlier."),
)


def request_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command is called with them as one argument `request`."""
    return _decorate(command, (*_OPTIONS, *_DAYS))


def lasting_options(command: Callable[..., None]) -> Callable[..., None]:
    """The same without days, for what is written again and again."""
    return _decorate(command, _OPTIONS)


def _decorate(command: Callable[..., None], options: Sequence[_Option]) -> Callable[..., None]:
    @wraps(command)
    def ask(*args: object, **given: Any) -> None:
        asked = {name: given.pop(name, None) for name in _NAMES}
        command(*args, request=_read(**asked), **given)

    decorated: Callable[..., None] = ask
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


_NAMES = (
    *("format_", "by", "units", "edition", "labels", "values", "split_multiple", "group_prefixes"),
    *("older_fields", "deleted", "columns", "from_", "to", "review"),
)


def _read(
    *,
    format_: str,
    by: str,
    values: str,
    split_multiple: str,
    from_: datetime | None,
    to: datetime | None,
    review: tuple[str, ...],
    **rest: Any,
) -> ExportRequest:
    if from_ and to and to < from_:
        raise click.BadParameter("It is before --from.", param_hint="--to")
    return ExportRequest(
        format=format_,
        by=By(by),
        values=Values(values),
        split=Split(split_multiple),
        received_from=_day(from_),
        received_to=_day(to),
        review=tuple(ReviewState(state) for state in review),
        **rest,
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
