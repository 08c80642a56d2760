"""Flatten an instance: one row for the form and one for each repeat, linked by stable keys.

Keys as Central makes them: the submission's first instanceID, then `/group/repeat[1]/inner[2]`;
groups on the way have no index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from .layouts import Node, TableLayout

Row = list[str | None]


@dataclass(frozen=True, slots=True)
class FlatRow:
    """The answers of one row in the order of its table's columns; None where there is none."""

    values: Row
    key: str
    parent_key: str | None


def flatten_instance(
    root: etree._Element, tables: Sequence[TableLayout], key: str
) -> list[list[FlatRow]]:
    """Return the rows of every table, in document order, parallel to `tables`."""
    rows: list[list[FlatRow]] = [[] for _ in tables]
    _add_row(root, 0, tables, rows, key, None)
    return rows


def _add_row(
    element: etree._Element,
    table: int,
    tables: Sequence[TableLayout],
    rows: list[list[FlatRow]],
    key: str,
    parent_key: str | None,
) -> None:
    layout = tables[table]
    values: Row = [None] * len(layout.columns)
    rows[table].append(FlatRow(values, key, parent_key))
    _fill(element, layout.nodes, values, tables, rows, key, key)


def _fill(
    element: etree._Element,
    nodes: dict[str, Node],
    values: Row,
    tables: Sequence[TableLayout],
    rows: list[list[FlatRow]],
    key: str,
    path: str,
) -> None:
    """Fill one row from an element; `path` is the key extended by the groups walked through."""
    positions: dict[str, int] = {}
    for child in element:
        tag = child.tag
        name = tag if tag[0] != "{" else tag.rpartition("}")[2]
        node = nodes.get(name)
        if node is None:
            continue
        has_children = len(child) > 0
        if node.repeat is not None and (has_children or node.column is None):
            positions[name] = position = positions.get(name, 0) + 1
            _add_row(child, node.repeat, tables, rows, f"{path}/{name}[{position}]", key)
        elif node.group is not None and (has_children or node.column is None):
            _fill(child, node.group, values, tables, rows, key, f"{path}/{name}")
        elif node.column is not None and (text := child.text):
            _set_answer(values, node, text)


def _set_answer(values: Row, node: Node, text: str) -> None:
    """Keep the first answer; a second element of the same name is no repeat of this form."""
    column = node.column
    if column is None or values[column] is not None:
        return
    if not node.is_geopoint:
        values[column] = text
        return
    # Latitude, longitude, altitude, accuracy; whatever else was sent stays readable in the last.
    for i, part in enumerate(text.split(maxsplit=3)):
        values[column + i] = part
