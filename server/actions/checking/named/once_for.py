"""V19, V20: one slip for each village and month, each commune and year (domain.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator

from server.actions.checking.asked import Asked, Key
from server.actions.checking.named.kinds import Named, compare_any


def keys(asked: Asked) -> Iterator[Key]:
    """`fields` are the questions whose answers name what there may be one slip for."""
    names = asked.parameter("fields").split(",")
    for node in asked.nodes:
        answers = [asked.answer(name, node) for name in names]
        if any(answers):
            yield Key(asked.declared.id, asked.seal(*answers), node.path)


CHECK = Named(keys=keys, compare=compare_any)
