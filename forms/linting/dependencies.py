"""What expressions need of each other: circles, and answers inside repeats asked from outside.

Collect refuses a form whose relevances and calculations go round in a circle; a rule that needs one
value and finds a node in each instance of a repeat stops the form while it is filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from forms.errors import ExpressionRefused
from forms.logic import Logic, LogicProblem, iter_logic
from forms.xml import local_name
from forms.xpath import Binary, Call, Expression, Filter, Negation, Path, parse_expression
from forms.xpath_nodes import FormNodes

_DEPENDS = ("relevant", "calculation")
_TAKES_MANY = frozenset(
    [
        "sum",
        "count",
        "count-non-empty",
        "min",
        "max",
        "join",
        "concat",
        "position",
        "indexed-repeat",
        "once",
        "boolean",
        "not",
        "checklist",
        "weighted-checklist",
        "randomize",
        "area",
        "distance",
        "coalesce",
    ]
)
_ONE_VALUE = ("relevant", "constraint", "calculation", "required", "read_only", "choice_filter")
_MOST = 400


def check_dependencies(
    root: etree._Element, model: etree._Element, primary: etree._Element
) -> Iterator[LogicProblem]:
    nodes = FormNodes(model, primary)
    parsed = list(_parsed(root, model))
    repeats = _repeats(root)
    yield from _circles(parsed, nodes)
    for logic, expression in parsed:
        if logic.column == "constraint" and logic.context:
            yield from _own_name(logic, expression, nodes)
        if logic.column in _ONE_VALUE and logic.context:
            yield from _inside_repeat(logic, expression, nodes, repeats)


def _parsed(root: etree._Element, model: etree._Element) -> Iterator[tuple[Logic, Expression]]:
    for logic in iter_logic(root, model):
        try:
            yield logic, parse_expression(logic.text)
        except ExpressionRefused:
            continue  # said by check_logic


def _repeats(root: etree._Element) -> list[str]:
    paths = (str(e.get("nodeset")) for e in root.iter() if local_name(e) == "repeat")
    return sorted(paths, key=len)


def _circles(
    parsed: Sequence[tuple[Logic, Expression]], nodes: FormNodes
) -> Iterator[LogicProblem]:
    """Each circle once, at every expression in it."""
    needs: dict[str, dict[str, Logic]] = {}
    for logic, expression in parsed:
        if logic.column in _DEPENDS and logic.context and "@" not in logic.context:
            for path in nodes.references(expression, logic.context, with_self=_asks(logic)):
                needs.setdefault(logic.context, {}).setdefault(path, logic)
    told: set[frozenset[str]] = set()
    for start in needs:
        circle = _find_circle(start, needs)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            names = [path.rpartition("/")[2] for path in [*circle, circle[0]]]
            for path, needed in zip(circle, [*circle[1:], circle[0]], strict=True):
                logic = needs[path][_edge(needs[path], needed)]
                about: dict[str, object] = {"text": logic.text, "circle": " → ".join(names)}
                code = "logic.needs_itself" if len(circle) == 1 else "logic.circle"
                yield LogicProblem(code, logic, about)


def _asks(logic: Logic) -> bool:
    """A calculation may look at its own old value; what a question's relevance asks may not."""
    return logic.column == "relevant"


def _edge(needed: dict[str, Logic], target: str) -> str:
    return next(p for p in needed if _touches(p, target))


def _touches(path: str, target: str) -> bool:
    """To need something is to need all around it: a group's relevance is that of its answers."""
    return path == target or path.startswith(f"{target}/")


def _find_circle(start: str, needs: dict[str, dict[str, Logic]]) -> list[str]:
    """The shortest way from a node back to it, over the nodes that have rules."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways and len(seen) < _MOST:
        way = ways.pop(0)
        for path in needs.get(way[-1], {}):
            if _touches(path, start):
                return way
            for other in needs:
                if other not in seen and _touches(path, other) and other not in way:
                    seen.add(other)
                    ways.append([*way, other])
    return []


def _own_name(logic: Logic, expression: Expression, nodes: FormNodes) -> Iterator[LogicProblem]:
    if logic.context in nodes.references(expression, logic.context, with_self=False):
        name = logic.context.rpartition("/")[2]
        about: dict[str, object] = {"text": logic.text, "name": name}
        yield LogicProblem("logic.own_name", logic, about, is_error=False, suggestion=".")


def _inside_repeat(
    logic: Logic, expression: Expression, nodes: FormNodes, repeats: list[str]
) -> Iterator[LogicProblem]:
    told = set()
    for path in _single_paths(expression):
        for target in nodes.references(path, logic.context, with_self=False):
            outer = _repeat_around(target, repeats)
            if outer is None or f"{logic.context}/".startswith(f"{outer}/") or target in told:
                continue
            told.add(target)
            about: dict[str, object] = {
                "text": logic.text,
                "name": target.rpartition("/")[2],
                "repeat": outer.rpartition("/")[2],
            }
            yield LogicProblem("logic.inside_repeat", logic, about, is_error=False)


def _repeat_around(path: str, repeats: list[str]) -> str | None:
    """The innermost repeat that a node is in; the repeat itself may be counted by its name."""
    return next((r for r in reversed(repeats) if path.startswith(f"{r}/")), None)


def _single_paths(expression: Expression) -> Iterator[Path]:
    """Paths that must lead to one node; those with a predicate choose themselves."""
    waiting: list[tuple[Expression, bool]] = [(expression, False)]
    while waiting:
        part, takes_many = waiting.pop()
        match part:
            case Path(_, steps):
                if not takes_many and not any(step.predicates for step in steps):
                    yield part
            case Binary():
                waiting += [(part.right, False), (part.left, False)]
            case Negation(operand):
                waiting.append((operand, False))
            case Call(name, arguments):
                waiting += [(argument, name in _TAKES_MANY) for argument in arguments]
            case Filter():
                pass
