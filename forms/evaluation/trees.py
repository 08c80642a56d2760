"""The submitted answers as light nodes along the form's own tree.

What was not sent is there without a text, as JavaRosa has it when it opens a saved form; of a
repeat only what was sent. What the form does not know is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from forms.definitions import Kind

from .answers import Reader
from .numbers import trim
from .values import Atom

if TYPE_CHECKING:
    from .fields import FieldRules
    from .frames import Answers


class Shape:
    """A field with what its nodes need, made once for each form version."""

    __slots__ = ("children", "is_repeat", "is_steady", "name", "path", "reader", "rules")

    def __init__(self, rules: FieldRules, reader: Reader | None, *, is_steady: bool) -> None:
        """`is_steady`: no rule can make it irrelevant."""
        self.rules = rules
        self.name = rules.declared.name
        self.path = rules.declared.path
        self.is_repeat = rules.declared.kind is Kind.REPEAT
        self.is_steady = is_steady
        self.reader = reader
        self.children: tuple[Shape, ...] = ()


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


def grow(shape: Shape, element: etree._Element | None, answers: Answers) -> Node:
    """The whole tree below a root."""
    root = Node(shape, None, 0, element, answers)
    _grow_children(root, element, answers)
    return root


def _grow_children(node: Node, element: etree._Element | None, answers: Answers) -> None:
    found: dict[str, list[etree._Element]] = {}
    for child in element if element is not None else ():
        tag = child.tag
        if isinstance(tag, str):
            found.setdefault(tag.rpartition("}")[2], []).append(child)
    children: dict[str, list[Node]] = {}
    for shape in node.shape.children:
        sent = found.get(shape.name, ())
        if shape.is_repeat:
            nodes = [Node(shape, node, i, e, answers) for i, e in enumerate(sent)]
        else:
            nodes = [Node(shape, node, 0, sent[0] if sent else None, answers)]
        children[shape.name] = nodes
        for below in nodes:
            if shape.children:
                _grow_children(below, below.element, answers)
            elif below.element is not None and below.element.text:
                below.text = trim(below.element.text)
    node.children = children
