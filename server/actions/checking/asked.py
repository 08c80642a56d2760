"""What a named check is given, and by what it compares a slip with others."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from forms.checking import DeclaredCheck
from forms.evaluation import Evaluation, Node
from forms.folding import fold


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Around a slip: who sent it, from where it is reported, when it came."""

    actor_id: int | None
    project_id: int
    catalogue: int | None
    village_code: str | None
    edition: str | None
    commune_code: str | None
    received_at: datetime
    tz: ZoneInfo
    secret_key: str
    is_draft: bool = False
    seconds: float = math.inf
    """How long the check may take: a phone waits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One declared check over one slip; `nodes` are where it is to be asked."""

    declared: DeclaredCheck
    nodes: Sequence[Node]
    evaluation: Evaluation
    about: Circumstances

    def parameter(self, name: str, default: str = "") -> str:
        return self.declared.parameters.get(name, default)

    def answer(self, name: str, node: Node) -> str:
        """The answer to the question of that name that is nearest: beside the node, or above."""
        around: Node | None = node
        while around is not None:
            found = _find(around, name) if around.children else None
            if found is not None:
                return found.text if self.evaluation.is_relevant(found) else ""
            around = around.parent
        return ""

    @property
    def filled_on(self) -> date:
        return self.evaluation.clock.now.date()

    def seal(self, *parts: str) -> str:
        """A key of answers to this check: whoever has the table of keys alone can try no names."""
        text = "\x1f".join((self.declared.id, *parts))
        return hmac.new(self.about.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """`key` is a seal of what must be equal in both; `same`, where it is equal too, says that both
    speak of the same child, so that nothing is found.
    """

    code: str
    key: str
    path: str
    value: str = ""
    same: str | None = None
    day: date | None = None
    latitude: float | None = None
    longitude: float | None = None


def name_key(text: str) -> str:
    """The match key of a name (domain.md §6.2): `Hoà` and `Hòa` are one."""
    return fold(text)


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _find(container: Node, name: str) -> Node | None:
    """Below a node, but in no other repeat; what is nearer comes first."""
    children = container.children or {}
    for child in children.get(name, ()):
        if not child.shape.children:
            return child
    for siblings in children.values():
        for child in siblings:
            if child.children and not child.shape.is_repeat:
                found = _find(child, name)
                if found is not None:
                    return found
    return None
