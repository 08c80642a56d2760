"""Functions of several nodes: how many, their sum, the instance of a repeat that is meant."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Iterable

from forms.errors import NotEvaluated, NotSupported
from forms.xpath import Expression

from ..frames import Compiled, Frame, keep_relevant
from ..paths import absolute_names
from ..scopes import Names, Scope
from ..trees import Node
from ..values import (
    NodeSet,
    Value,
    item_values,
    require_nodes,
    to_index,
    to_number,
    to_text,
)
from .kinds import Function, Plain, Special

_MODULUS = 2_147_483_647
_SMALLEST = 4.9e-324
_LARGEST = 1.7976931348623157e308


def _count(nodes: Value) -> float:
    return float(len(require_nodes(nodes)))


def _count_non_empty(nodes: Value) -> float:
    """A group is not empty: it has children."""
    return float(sum(1 for item in require_nodes(nodes) if not _is_empty(item)))


def _is_empty(item: Node | object) -> bool:
    if isinstance(item, Node):
        return not item.children and item.value == ""
    return item == ""


def _sum(nodes: Value) -> float:
    """What is no number counts nothing."""
    return sum(_numbers(item_values(require_nodes(nodes))), 0.0)


def _max(*values: Value) -> float:
    """JavaRosa begins at the smallest number above 0: of negative numbers that is the result."""
    return max([*_numbers(_spread(values)), _SMALLEST]) if _has_number(values) else math.nan


def _min(*values: Value) -> float:
    return min([*_numbers(_spread(values)), _LARGEST]) if _has_number(values) else math.nan


def _has_number(values: tuple[Value, ...]) -> bool:
    return bool(_numbers(_spread(values)))


def _spread(values: tuple[Value, ...]) -> Iterable[Value]:
    if len(values) == 1 and isinstance(values[0], list):
        return item_values(values[0])
    return values


def _numbers(values: Iterable[Value]) -> list[float]:
    return [number for number in map(to_number, values) if not math.isnan(number)]


def _position(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    if arguments:
        nodes = scope.compile(arguments[0], scope)
        return lambda frame: _place(require_nodes(nodes(frame)))
    return lambda frame: float(frame.position or frame.node.position + 1)


def _place(nodes: NodeSet) -> float:
    """Of the first one; 0 of none."""
    if not nodes:
        return 0.0
    first = nodes[0]
    if not isinstance(first, Node):
        raise NotEvaluated("a list's row has no position of its own")
    return float(first.position + 1)


def _indexed_repeat(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    """A field of the repeats that are named, each with its index; below 1 is 1."""
    if len(arguments) % 2 == 0 or len(arguments) > 11:
        raise NotSupported("unsupported.indexed_repeat")
    target = absolute_names(arguments[0], scope)
    pins: dict[int, Compiled] = {}
    for at in range(1, len(arguments), 2):
        group = absolute_names(arguments[at], scope)
        if group != target[: len(group)] or len(group) == len(target):
            raise NotSupported("unsupported.indexed_outside")
        pins[len(group)] = scope.compile(arguments[at + 1], scope)
    context = scope.context or ()

    def evaluate(frame: Frame) -> NodeSet:
        chosen = _own_positions(frame.node, context, target)
        chosen |= {level: max(1, to_index(pin(frame))) - 1 for level, pin in pins.items()}
        return keep_relevant(_descend(frame.answers.root, target, chosen), frame.answers)

    return evaluate


def _own_positions(node: Node, context: Names, target: Names) -> dict[int, int]:
    """Where the context stands in each repeat that it shares with the target."""
    positions: dict[int, int] = {}
    at: Node | None = node
    for level in range(len(context), 0, -1):
        if at is not None and context[:level] == target[:level]:
            positions[level] = at.position
        at = at.parent if at is not None else None
    return positions


def _descend(root: Node, target: Names, chosen: dict[int, int]) -> list[Node]:
    nodes = [root]
    for level, name in enumerate(target, 1):
        below = [(node.children or {}).get(name, []) for node in nodes]
        if level in chosen:
            index = chosen[level]
            nodes = [found[index] for found in below if index < len(found)]
        else:
            nodes = [node for found in below for node in found]
    return nodes


def _randomize(nodes: Value, seed: Value | None = None) -> NodeSet:
    """The same order for the same seed, by JavaRosa's generator (Park and Miller's)."""
    source = require_nodes(nodes)
    if seed is None:
        return sorted(source, key=lambda _: secrets.randbits(64))
    state = float(math.fmod(_seed(seed), _MODULUS))
    state = state if state > 0 else state + _MODULUS - 1
    shuffled: NodeSet = []
    for index, item in enumerate(source):
        state = math.fmod(state * 16807.0, _MODULUS)
        other = int((int(state) - 1) / (_MODULUS - 1) * (index + 1))
        shuffled.append(item)
        if other != index:
            shuffled[index] = shuffled[other]
            shuffled[other] = item
    return shuffled


def _seed(value: Value) -> float:
    """Text that is no number is a seed by its hash."""
    number = to_number(value)
    if not math.isnan(number):
        return float(int(max(-(2.0**63), min(2.0**63, number))))
    text = to_text(value)
    digest = hashlib.sha256(text.encode()).digest()
    return float(int.from_bytes(digest[:8], "big", signed=True)) if text else 0.0


FUNCTIONS: dict[str, Function] = {
    "count": Plain(_count, 1),
    "count-non-empty": Plain(_count_non_empty, 1),
    "indexed-repeat": Special(_indexed_repeat, 3, None),
    "max": Plain(_max, 0, None),
    "min": Plain(_min, 0, None),
    "position": Special(_position, 0, 1),
    "randomize": Plain(_randomize, 1, 2),
    "sum": Plain(_sum, 1),
}
