"""V04: no other slip has this answer, a personal number for one (domain.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator

from server.actions.checking.asked import Asked, Key
from server.actions.checking.named.kinds import Named, compare_any


def keys(asked: Asked) -> Iterator[Key]:
    """`same` names the question that tells that two slips speak of the same child."""
    for node in asked.nodes:
        same = asked.answer(asked.parameter("same"), node) if asked.parameter("same") else ""
        yield Key(
            asked.declared.id,
            asked.seal(node.text),
            node.path,
            value=node.text,
            same=asked.seal(same) if same else None,
        )


CHECK = Named(keys=keys, compare=compare_any)
