"""Follow the paths of expressions through a form's own tree, and say which lead nowhere.

What cannot be known beforehand (other axes, wildcards, lists in files) is taken as it is.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from .xml import local_name
from .xpath import Binary, Call, Expression, Filter, Negation, Path, Step, Text
from .xpath.nodes import ANY_NODE

Nodes = Sequence[etree._Element] | None
"""Where a path may stand; None: nobody knows before the form is filled."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a path names and the form has not: `name` is missing in `place`.

    `code` is no_path, no_root, no_list, no_column or no_node; a list's column may only be empty.
    """

    code: str
    name: str
    place: str = ""
    suggestion: str = ""


class FormNodes:
    """The primary instance and the lists inside the form."""

    def __init__(self, model: etree._Element, primary: etree._Element) -> None:
        self._primary = primary
        self._reached: list[tuple[etree._Element, bool]] | None = None
        self._instances: dict[str, etree._Element] = {}
        for element in model:
            if local_name(element) == "instance" and element.get("id"):
                self._instances[element.get("id", "")] = element

    def references(
        self, expression: Expression, context: str, *, with_self: bool
    ) -> dict[str, None]:
        """The absolute paths of the nodes that an expression asks, in its order.

        `with_self`: the node itself too, where it is asked as `.`.
        """
        at = self._find(context)
        self._reached = []
        for _ in self._visit(expression, at, at):
            pass
        reached, self._reached = self._reached, None
        return {self._path(e): None for e, is_dot in reached if with_self or not is_dot}

    def iter_missing(self, expression: Expression, context: str) -> Iterator[Missing]:
        """Yield a sentence for each path that leads nowhere from the node at `context`."""
        at = self._find(context)
        if context and at == []:
            yield Missing("no_path", context)
            return
        yield from self._visit(expression, at, at)

    def _find(self, path: str) -> Nodes:
        if not path or "@" in path:
            return None
        return _follow([self._primary], [Step("child", n) for n in path.split("/")[2:]])

    def _visit(self, expression: Expression, at: Nodes, current: Nodes) -> Iterator[Missing]:
        match expression:
            case Negation(operand):
                yield from self._visit(operand, at, current)
            case Binary():
                yield from self._visit_chain(expression, at, current)
            case Call():
                yield from self._visit_call(expression, at, current)
            case Path():
                yield from self._visit_path(expression, at, current)
            case Filter():
                yield from self._visit_filter(expression, at, current)

    def _visit_call(self, call: Call, at: Nodes, current: Nodes) -> Iterator[Missing]:
        if call.name == "instance":
            yield from self._check_instance(call.arguments)
        for argument in call.arguments:
            yield from self._visit(argument, at, current)

    def _visit_filter(self, expression: Filter, at: Nodes, current: Nodes) -> Iterator[Missing]:
        yield from self._visit(expression.primary, at, current)
        start = self._start(expression.primary, current)
        for predicate in expression.predicates:
            yield from self._visit(predicate, start, current)
        yield from self._visit_steps(expression.steps, start, current)

    def _visit_path(self, path: Path, at: Nodes, current: Nodes) -> Iterator[Missing]:
        if not path.is_absolute:
            yield from self._visit_steps(path.steps, at, current)
        elif path.steps and path.steps[0].axis == "child" and path.steps[0].test != "*":
            root, *rest = path.steps
            if _matches(self._primary, root):
                yield from self._visit_steps(tuple(rest), [self._primary], current)
            else:
                own = local_name(self._primary)
                yield Missing("no_root", root.test, own)

    def _visit_chain(self, expression: Binary, at: Nodes, current: Nodes) -> Iterator[Missing]:
        left: Expression = expression
        while isinstance(left, Binary):
            yield from self._visit(left.right, at, current)
            left = left.left
        yield from self._visit(left, at, current)

    def _visit_steps(self, steps: tuple[Step, ...], at: Nodes, current: Nodes) -> Iterator[Missing]:
        for step in steps:
            before, at = at, _follow(at, [step])
            if at == [] and before:
                yield _missing(step, before[0])
                return
            for predicate in step.predicates:
                yield from self._visit(predicate, at, current)
        if self._reached is not None and at and steps:
            is_dot = all((s.axis, s.test) == ("self", ANY_NODE) for s in steps)
            if self._is_own(at[0]):
                self._reached.append((at[0], is_dot))

    def _path(self, element: etree._Element) -> str:
        steps = [element, *element.iterancestors()]
        names = [local_name(e) for e in steps[: steps.index(self._primary) + 1]]
        return "/" + "/".join(reversed(names))

    def _is_own(self, element: etree._Element) -> bool:
        return self._primary in (element, *element.iterancestors())

    def _check_instance(self, arguments: tuple[Expression, ...]) -> Iterator[Missing]:
        match arguments:
            case (Text(name),) if name not in self._instances:
                yield Missing("no_list", name, suggestion=_nearest(name, self._instances))

    def _start(self, primary: Expression, current: Nodes) -> Nodes:
        match primary:
            case Call("current", ()):
                return current
            case Call("instance", (Text(name),)):
                element = self._instances.get(name)
                return [element] if element is not None and len(element) else None
        return None


def _follow(at: Nodes, steps: Sequence[Step]) -> Nodes:
    for step in steps:
        if at is None or (step.axis, step.test) == ("self", ANY_NODE):
            continue
        if (step.axis, step.test) == ("parent", ANY_NODE):
            parents = (element.getparent() for element in at[:1])
            at = [parent for parent in parents if parent is not None]
        elif step.axis == "child" and step.test != "*" and not step.test.endswith(("()", ":*")):
            at = [child for element in at for child in element if _matches(child, step)]
        else:
            at = None
    return at


def _matches(element: etree._Element, step: Step) -> bool:
    return local_name(element) == step.test.rpartition(":")[2]


def _missing(step: Step, element: etree._Element) -> Missing:
    if local_name(element) == "item":
        columns = [local_name(cell) for cell in element]
        return Missing("no_column", step.test, suggestion=_nearest(step.test, columns))
    return Missing("no_node", step.test, local_name(element))


def _nearest(word: str, words: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word, list(words), 1, 0.6)), "")
