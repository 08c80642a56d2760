"""The submitted answers as light nodes along the form's own tree.

What was not sent is there without a text, as JavaRosa has it when it opens a saved form; of a
repeat only what was sent. What the form does not know is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from forms.definitions import Kind
from forms.errors import TooMuchWork

from .answers import Reader
from .numbers import trim
from .values import Atom

if TYPE_CHECKING:
    from .fields import FieldRules
    from .frames import Answers


class Shape:
    """A field with what its nodes need, made once for each form version."""

    __slots__ = (
        "_by_name",
        "children",
        "choices_alone",
        "is_meta",
        "is_repeat",
        "is_steady",
        "may_be_missing",
        "may_be_wrong",
        "name",
        "path",
        "reader",
        "rules",
    )

    def __init__(self, rules: FieldRules, reader: Reader | None, *, is_steady: bool) -> None:
        """`is_steady`: no rule can make it irrelevant."""
        self.rules = rules
        self.name = rules.declared.name
        self.path = rules.declared.path
        self.is_repeat = rules.declared.kind is Kind.REPEAT
        self.is_meta = self.path == "/meta" or self.path.startswith("/meta/")
        self.is_steady = is_steady
        self.reader = reader
        has_calculation = rules.calculate is not None
        has_type = reader is not None or rules.offered is not None
        self.may_be_wrong = has_calculation or has_type or rules.constraint is not None
        """Some answer to it could break a rule."""
        is_free = has_calculation or rules.constraint is not None or reader is not None
        self.choices_alone = None if is_free else rules.whole_list
        """(list, column) of what it offers, where an answer can break no other rule."""
        self.may_be_missing = has_calculation or rules.required is not None
        self.children: tuple[Shape, ...] = ()
        self._by_name: dict[str, Shape] = {}

    def child(self, name: str) -> Shape | None:
        if not self._by_name and self.children:
            self._by_name = {child.name: child for child in self.children}
        return self._by_name.get(name)


class Node:
    """One answer, group or instance of a repeat; `position` counts from 0 among its like."""

    __slots__ = (
        "answers",
        "children",
        "element",
        "is_relevant",
        "parent",
        "position",
        "shape",
        "text",
        "typed",
    )

    def __init__(
        self,
        shape: Shape,
        parent: Node | None,
        position: int,
        element: etree._Element | None,
        answers: Answers,
    ) -> None:
        self.shape = shape
        self.parent = parent
        self.position = position
        self.element = element
        self.answers = answers
        self.text = ""
        """Trimmed; "" of a group."""
        if element is not None and not shape.children and (text := element.text):
            self.text = trim(text)
        self.children: dict[str, list[Node]] | None = None
        self.is_relevant: bool | None = True if shape.is_steady else None
        """None: nobody has asked yet."""
        self.typed: Atom | None = None

    @property
    def value(self) -> Atom:
        """Typed by the bind; "" where there is nothing or nothing of that type."""
        typed = self.typed
        if typed is None:
            text, reader = self.text, self.shape.reader
            typed = reader(text, self.answers.clock) if reader is not None and text else text
            self.typed = typed
        return typed

    @property
    def path(self) -> str:
        """`/children/child[2]/name`: every repeat has its index."""
        if self.parent is None:
            return ""
        index = f"[{self.position + 1}]" if self.shape.is_repeat else ""
        return f"{self.parent.path}/{self.shape.name}{index}"


@dataclass(slots=True)
class Grown:
    """`nodes` are all but the root, in form order; `undecided` those that a rule may switch off.

    `strangers` are elements that the form does not have, or not twice, by the node they are in.
    """

    root: Node
    nodes: list[Node] = field(default_factory=list)
    undecided: list[Node] = field(default_factory=list)
    strangers: list[tuple[Node, etree._Element]] = field(default_factory=list)


MAX_NODES = 30_000
"""Of one slip: some hundred children with all their questions are a third of it."""


def grow(shape: Shape, element: etree._Element | None, answers: Answers) -> Grown:
    """The whole tree of one instance; raise TooMuchWork beyond MAX_NODES."""
    root = Node(shape, None, 0, element, answers)
    grown = Grown(root)
    if not shape.is_steady:
        grown.undecided.append(root)
    _grow_children(root, answers, grown)
    return grown


_NOTHING = (None,)
"""What there is of a question that was not sent: a node without an element."""


def _grow_children(node: Node, answers: Answers, grown: Grown) -> None:
    found = _by_name(node.element)
    children: dict[str, list[Node]] = {}
    for shape in node.shape.children:
        sent: Sequence[etree._Element | None] = found.pop(shape.name, _NOTHING)
        if len(sent) > 1 and not shape.is_repeat:
            grown.strangers += [(node, element) for element in sent[1:] if element is not None]
            sent = sent[:1]
        elif sent is _NOTHING and shape.is_repeat:
            sent = ()
        nodes = [Node(shape, node, i, element, answers) for i, element in enumerate(sent)]
        children[shape.name] = nodes
        if not shape.is_steady:
            grown.undecided += nodes
        if shape.children:
            for below in nodes:
                grown.nodes.append(below)
                _grow_children(below, answers, grown)
        else:
            grown.nodes += nodes
    node.children = children
    if len(grown.nodes) + len(found) > MAX_NODES:
        raise TooMuchWork
    grown.strangers += [(node, element) for unknown in found.values() for element in unknown]


def _by_name(element: etree._Element | None) -> dict[str, list[etree._Element]]:
    """The children by local name, whatever their namespace (openrosa.md §7.7)."""
    found: dict[str, list[etree._Element]] = {}
    for child in element if element is not None else ():
        tag = child.tag
        if isinstance(tag, str):
            if tag[0] == "{":
                tag = tag.rpartition("}")[2]
            known = found.get(tag)
            if known is None:
                found[tag] = [child]
            else:
                known.append(child)
    return found
