"""Where an expression is evaluated: at which node, from which node, over which answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from forms.errors import NotEvaluated

from .lists import LookupList, Row
from .moments import Clock
from .patterns import Matches
from .trees import Node
from .values import NodeSet, Value


class Answers(Protocol):
    """One submitted instance while its rules are evaluated."""

    @property
    def root(self) -> Node: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def lists(self) -> Mapping[str, LookupList]: ...

    @property
    def language(self) -> str: ...

    @property
    def stuck(self) -> set[tuple[Matches, str]]:
        """Texts that took too long for a pattern: none is tried twice."""

    def relevant(self, node: Node) -> bool: ...


class Frame:
    """The context of one evaluation; inside a predicate `node` or `row` is what is filtered.

    `current` is the node that the rule belongs to; `position` counts from 1 and is 0 outside
    predicates.
    """

    __slots__ = ("answers", "current", "node", "position", "row")

    def __init__(
        self,
        answers: Answers,
        node: Node,
        current: Node,
        position: int = 0,
        row: Row | None = None,
    ) -> None:
        self.answers = answers
        self.node = node
        self.current = current
        self.position = position
        self.row = row


Compiled = Callable[[Frame], Value]


def keep_relevant(nodes: Iterable[Node], answers: Answers) -> NodeSet:
    """What is not relevant is in no node-set."""
    return [
        node
        for node in nodes
        if (node.is_relevant if node.is_relevant is not None else answers.relevant(node))
    ]


def find_list(frame: Frame, name: str) -> LookupList:
    found = frame.answers.lists.get(name)
    if found is None:
        raise NotEvaluated(f"the list {name} is not here")
    return found
