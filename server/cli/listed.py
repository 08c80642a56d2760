"""What commands about one list of the register share: which list, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import click

from server.cli.common import (
    asking,
    get_ready_project,
    person_option,
    project_option,
    reason_option,
)
from server.queries.datasets import DatasetFacts

LIST = click.argument("list_name", metavar="LIST")
UUID = click.argument("uuid", metavar="UUID")


def of_list(command: Callable[..., None]) -> Callable[..., None]:
    """The command is given the list and the caller, for LIST, --project, --as and --reason."""

    @LIST
    @project_option
    @person_option
    @reason_option
    @wraps(command)
    def ask(
        list_name: str, project_id: int | None, person: str | None, reason: str, **own: object
    ) -> None:
        facts = get_list(list_name, project_id)
        command(facts, asking(person, reason, project_id=facts.project_id), **own)

    return ask


def get_list(name: str, project_id: int | None) -> DatasetFacts:
    """Raise NotFound where the project has none of that name."""
    from server.actions.entities import known

    return known.get_list(None, get_ready_project(project_id).id, name)
