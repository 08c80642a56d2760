"""V03: another slip has a person of that name and sex, born about then (domain.md §3.7, §6.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forms.checking import DeclaredCheck, Finding
from server.actions.checking.asked import Asked, Key, name_key, read_day
from server.actions.checking.named.kinds import Named, Other, found

DAYS = 31.0


def keys(asked: Asked) -> Iterator[Key]:
    """`name`, `born`, `sex`, `commune` and `same` name questions; `days` is the widest distance."""
    for node in asked.nodes:
        name = name_key(asked.answer(asked.parameter("name"), node))
        day = read_day(asked.answer(asked.parameter("born"), node))
        if not name or day is None:
            continue
        sex, commune, same = (
            asked.answer(asked.parameter(p), node) if asked.parameter(p) else ""
            for p in ("sex", "commune", "same")
        )
        yield Key(
            asked.declared.id,
            asked.seal(name, sex, commune),
            node.path,
            same=asked.seal(same) if same else None,
            day=day,
        )


def compare(declared: DeclaredCheck, key: Key, others: Sequence[Other]) -> Finding | None:
    """Twins have names of their own; the same child visited again has the same key."""
    days = float(declared.parameters.get("days") or DAYS)
    for other in others:
        if key.same is not None and other.same == key.same:
            continue
        if key.day and other.day and abs((key.day - other.day).days) <= days:
            return found(declared, key.path, key.value, other=other.instance_id)
    return None


CHECK = Named(keys=keys, compare=compare)
