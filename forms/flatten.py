"""Flatten an instance: one row for the form and one for each repeat, linked by stable keys.

Keys as Central makes them: the submission's first instanceID, then `/group/repeat[1]/inner[2]`;
groups on the way have no index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from .layouts import Node, Nodes, TableLayout

Row = list[str | None]


@dataclass(frozen=True, slots=True)
class FlatRow:
    """The answers of one row in the order of its table's columns; None where there is none."""

    values: Row
    key: str
    parent_key: str | None


def flatten_instance(
    root: etree._Element,
    tables: Sequence[TableLayout],
    key: str,
    nodes: Sequence[Nodes] | None = None,
) -> list[list[FlatRow]]:
    """Return the rows of every table, in document order, parallel to `tables`.

    `nodes` are the tables' nodes as the instance's own version means them (`layouts.see_as`).
    """
    rows: list[list[FlatRow]] = [[] for _ in tables]
    flattening = _Flattening(
        widths=[len(table.columns) for table in tables],
        nodes=nodes if nodes is not None else [table.nodes for table in tables],
        rows=rows,
    )
    _add_row(root, 0, flattening, key, None)
    return rows


@dataclass(frozen=True, slots=True)
class _Flattening:
    """What all steps share: how wide the tables are, what fills them, and their rows so far."""

    widths: Sequence[int]
    nodes: Sequence[Nodes]
    rows: list[list[FlatRow]]


def _add_row(
    element: etree._Element, table: int, into: _Flattening, key: str, parent_key: str | None
) -> None:
    values: Row = [None] * into.widths[table]
    into.rows[table].append(FlatRow(values, key, parent_key))
    _fill(element, into.nodes[table], values, into, key, key)


def _fill(
    element: etree._Element, nodes: Nodes, values: Row, into: _Flattening, key: str, path: str
) -> None:
    """Fill one row from an element; `path` is the key extended by the groups walked through."""
    positions: dict[str, int] = {}
    for child in element:
        tag = child.tag
        name = tag if tag[0] != "{" else tag.rpartition("}")[2]
        node = nodes.get(name)
        if node is None:
            continue
        is_container = len(child) > 0 or (node.column is None and node.point is None)
        if node.repeat is not None and is_container:
            positions[name] = position = positions.get(name, 0) + 1
            _add_row(child, node.repeat, into, f"{path}/{name}[{position}]", key)
        elif node.group is not None and is_container:
            _fill(child, node.group, values, into, key, f"{path}/{name}")
        elif text := child.text:
            _set_answer(values, node, text)


def _set_answer(values: Row, node: Node, text: str) -> None:
    """Keep the first answer; a second element of the same name is no repeat of this form."""
    if node.column is not None:
        if values[node.column] is None:
            values[node.column] = text
    elif node.point is not None and values[node.point] is None:
        # Latitude, longitude, altitude, accuracy; what else was sent stays readable in the last.
        for i, part in enumerate(text.split(maxsplit=3)):
            values[node.point + i] = part
