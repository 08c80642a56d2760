"""Paths → functions that find nodes, as JavaRosa contextualises them (TreeReference.contextualize).

An absolute path takes the context's own instance for each step that both share, from the root to
where they part, the last step included: `/data/rep` inside a repeat is that one instance. What
comes after stands for all instances. `../../rep` stands for all: a relative path is bound only
up to where it begins to go down. A predicate must be a boolean; a number selects nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forms.errors import NotSupported
from forms.xpath import Call, Expression, Filter, Path, Step
from forms.xpath.nodes import ANY_NODE

from .frames import Compiled, Frame, keep_relevant
from .scopes import Names, Scope
from .trees import Node
from .values import Item, NodeSet, Value

Find = Callable[[Frame], Sequence[Node]]
Predicates = tuple[Compiled, ...]
Down = tuple[str, Predicates]


def compile_path(path: Path, scope: Scope) -> Compiled:
    if not path.is_absolute:
        if scope.context is None:
            return _cell(path)
        return _from_context(path.steps, scope)
    return _absolute(names_of(path), path.steps[1:], scope)


def compile_current(expression: Filter, scope: Scope) -> Compiled:
    """`current()/…`: as a relative path, from the node that the rule belongs to."""
    if expression.predicates:
        raise NotSupported("unsupported.current_filter")
    outer = scope.at(scope.current)
    find = _from_context(expression.steps, outer)
    return lambda frame: find(Frame(frame.answers, frame.current, frame.current))


def absolute_names(expression: Expression, scope: Scope) -> Names:
    """The names from the root down to what a path without predicates means."""
    if not isinstance(expression, Path):
        raise NotSupported("unsupported.no_path")
    if expression.is_absolute:
        return names_of(expression)
    ups, steps = _split(expression.steps)
    context = scope.require_context()
    return _climb(context, ups) + tuple(_name(step) for step in steps)


def names_of(path: Path) -> Names:
    """Of an absolute path, its root left out."""
    return tuple(map(_name, path.steps))[1:]


def _absolute(names: Names, steps: tuple[Step, ...], scope: Scope) -> Compiled:
    context = scope.context
    shared = 0
    for step, name, own in zip(steps, names, context or (), strict=False):
        if name != own or step.predicates:
            break
        shared += 1
    if context is not None:
        _refuse_pinned(names, context, shared, scope)
        ups = len(context) - shared
        return _downwards(ups, context[:shared], steps[shared:], scope)
    find = _compose(_downs((), steps, scope))
    return lambda frame: keep_relevant(find([frame.answers.root], frame), frame.answers)


def _refuse_pinned(names: Names, context: Names, shared: int, scope: Scope) -> None:
    """JavaRosa binds shared repeats below a predicate to the context's index there."""
    for at in range(shared + 1, min(len(names), len(context)) + 1):
        if names[:at] != context[:at]:
            return
        if at > shared + 1 and scope.facts.is_repeat(names[:at]):
            raise NotSupported("unsupported.filter_above")


def _from_context(steps: tuple[Step, ...], scope: Scope) -> Compiled:
    ups, below = _split(steps)
    start = _climb(scope.require_context(), ups)
    return _downwards(ups, start, below, scope)


def _downwards(ups: int, start: Names, steps: tuple[Step, ...], scope: Scope) -> Compiled:
    downs = _downs(start, steps, scope)
    if not downs:
        return _ancestor(ups)
    find = _compose(downs)

    def evaluate(frame: Frame) -> NodeSet:
        return keep_relevant(find([_up(frame.node, ups)], frame), frame.answers)

    if any(predicates for _, predicates in downs):
        return evaluate
    return _one_below(ups, [name for name, _ in downs], evaluate)


def _ancestor(ups: int) -> Compiled:
    def evaluate(frame: Frame) -> NodeSet:
        node = _up(frame.node, ups) if ups else frame.node
        return [node] if node.is_relevant else keep_relevant((node,), frame.answers)

    return evaluate


def _one_below(ups: int, names: list[str], otherwise: Compiled) -> Compiled:
    """The most common path by far: no predicates, and one node at each step."""

    def evaluate(frame: Frame) -> Value:
        node = frame.node
        for _ in range(ups):
            node = node.parent or node
        for name in names:
            found = node.children.get(name, ()) if node.children else ()
            if len(found) != 1:
                return otherwise(frame)
            node = found[0]
        return [node] if node.is_relevant else otherwise(frame)

    return evaluate


def _compose(downs: list[Down]) -> Callable[[Sequence[Node], Frame], Sequence[Node]]:
    def find(nodes: Sequence[Node], frame: Frame) -> Sequence[Node]:
        for name, predicates in downs:
            found: list[Node] = []
            for node in nodes:
                below: Sequence[Node] = (node.children or {}).get(name, ())
                for predicate in predicates:
                    below = _filter(below, predicate, frame)
                found.extend(below)
            nodes = found
        return nodes

    return find


def _filter(nodes: Sequence[Node], predicate: Compiled, frame: Frame) -> Sequence[Node]:
    answers, current = frame.answers, frame.current
    return [
        node
        for position, node in enumerate(nodes, 1)
        if predicate(Frame(answers, node, current, position)) is True
    ]


def _downs(start: Names, steps: tuple[Step, ...], scope: Scope) -> list[Down]:
    downs: list[Down] = []
    for step in steps:
        start = (*start, _name(step))
        inner = scope.at(start)
        downs.append((start[-1], tuple(scope.compile(p, inner) for p in step.predicates)))
    return downs


def _up(node: Node, levels: int) -> Node:
    for _ in range(levels):
        node = node.parent or node
    return node


def _climb(context: Names, ups: int) -> Names:
    if ups > len(context):
        raise NotSupported("unsupported.above_root")
    return context[: len(context) - ups]


def _split(steps: tuple[Step, ...]) -> tuple[int, tuple[Step, ...]]:
    """How many parents up, then which steps down; JavaRosa knows no other order."""
    ups = 0
    rest = [step for step in steps if not _is(step, "self")]
    while rest and _is(rest[0], "parent"):
        ups += 1
        rest = rest[1:]
    return ups, tuple(rest)


def _is(step: Step, axis: str) -> bool:
    return step.axis == axis and step.test == ANY_NODE and not step.predicates


def _name(step: Step) -> str:
    """The step's name without prefix: forms write `orx:meta`, clients whatever they like."""
    if step.axis != "child" or "*" in step.test or step.test.endswith("()"):
        raise NotSupported("unsupported.step", step=f"{step.axis}::{step.test}")
    return step.test.rpartition(":")[2]


def _cell(path: Path) -> Compiled:
    """A column of the row that a predicate looks at."""
    match path.steps:
        case (Step("child", name, ()),) if "*" not in name and not name.endswith("()"):
            column = name
        case _:
            raise NotSupported("unsupported.list_row")

    def evaluate(frame: Frame) -> NodeSet:
        cell: Item | None = frame.row.get(column) if frame.row else None
        return [] if cell is None else [cell]

    return evaluate


def starts_at_current(expression: Filter) -> bool:
    return expression.primary == Call("current", ())
