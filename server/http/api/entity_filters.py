"""Which entities of a list a request asks for: `$filter`, `$search`, `conflict`, `deleted`."""

from __future__ import annotations

from dataclasses import replace

from flask import request

from server.actions.entities.access import Access
from server.errors import ValueNotAllowed
from server.models import ConflictState
from server.odata.conditions import mentions
from server.queries.entity_pages import DELETED_AT, FIELDS, Wanted
from server.queries.filtering import kinds_of
from server.queries.searching import Search

from .bodies import flag
from .odata.options import read_filter, read_words


def read_wanted(access: Access) -> Wanted:
    """Live ones, unless the filter says of deletion which; of values, only what the caller sees."""
    condition, words = read_filter(kinds_of(FIELDS)), read_words()
    is_any = condition is not None and mentions(condition, DELETED_AT)
    return Wanted(
        is_deleted=None if is_any else False,
        condition=condition,
        search=Search(words, access.properties) if words else None,
    )


def read_listed(access: Access) -> Wanted:
    """The same with `deleted=true`, for the trash alone, and `conflict`."""
    wanted = replace(read_wanted(access), conflicts=_read_conflicts())
    return replace(wanted, is_deleted=True) if flag("deleted") else wanted


def _read_conflicts() -> frozenset[ConflictState]:
    """`soft`, `hard`, both of them, or `true` for any; raise ValueNotAllowed for others."""
    found: set[ConflictState] = set()
    for value in ",".join(request.args.getlist("conflict")).lower().split(","):
        if value == "true":
            found |= set(ConflictState)
        elif value in set(ConflictState):
            found.add(ConflictState(value))
        elif value:
            allowed = "soft, hard, true"
            raise ValueNotAllowed(
                subject="one_of", field="conflict", value=value[:100], reason=allowed
            )
    return frozenset(found)
