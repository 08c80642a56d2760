"""V18: another slip about the same within some days (domain.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forms.checking import DeclaredCheck, Finding
from server.actions.checking.asked import Asked, Key, name_key, read_day
from server.actions.checking.named.kinds import Named, Other, found


def keys(asked: Asked) -> Iterator[Key]:
    """`fields` tell whom it is about, `at` when; else the slip's own day. Without an answer to the
    first of the fields nobody knows whom it is about.
    """
    names = asked.parameter("fields").split(",")
    for node in asked.nodes:
        answers = [name_key(asked.answer(name, node)) for name in names]
        at = asked.answer(asked.parameter("at"), node) if asked.parameter("at") else ""
        if answers[0]:
            day = read_day(at) or asked.filled_on
            yield Key(asked.declared.id, asked.seal(*answers), node.path, day=day)


def compare(declared: DeclaredCheck, key: Key, others: Sequence[Other]) -> Finding | None:
    days = float(declared.parameters["days"])
    for other in others:
        if key.day and other.day and abs((key.day - other.day).days) <= days:
            return found(declared, key.path, key.value, other=other.instance_id)
    return None


CHECK = Named(keys=keys, compare=compare)
