"""The tables that a form's submissions fill: one for the form, one for each repeat.

Several versions of a form give one layout, the union of their columns in the newest one's order;
a field that vanished stands after the last surviving field of its group, as in Central.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .definitions import Field, FormDefinition, Kind

GEOPOINT_PARTS = ("Latitude", "Longitude", "Altitude", "Accuracy")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `part` is set for the four columns of a geopoint."""

    name: str
    field: Field
    part: str = ""


@dataclass(slots=True)
class Node:
    """What to do with an element of that name: an answer, a group and a repeat, or some of them.

    More than one only if versions disagree.
    """

    column: int | None = None
    is_geopoint: bool = False
    group: dict[str, Node] | None = None
    repeat: int | None = None


@dataclass(slots=True)
class TableLayout:
    """One table: its name ("" for the form itself), its columns and how to fill them."""

    name: str
    path: str
    columns: list[Column] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)


def build_layout(definitions: Sequence[FormDefinition]) -> list[TableLayout]:
    """The tables of a form's versions, given newest first; the first table is the form itself."""
    tables = [TableLayout(name="", path="")]
    root = merge_fields([d.root for d in definitions])
    _add_fields(root, tables, tables[0], tables[0].nodes, ())
    _name_uniquely(tables)
    return tables


def merge_fields(versions: Sequence[Field]) -> tuple[Field, ...]:
    """The children of all versions of one container, newest first; each (name, kind) once."""
    merged: list[tuple[str, Kind]] = []
    found: dict[tuple[str, Kind], list[Field]] = {}
    for version in versions:
        at = 0
        for child in version.children:
            key = (child.name, child.kind)
            if key in found:
                at = merged.index(key) + 1
            else:
                merged.insert(at if version is not versions[0] else len(merged), key)
                at += 1
            found.setdefault(key, []).append(child)
    return tuple(_merge(found[key]) for key in merged)


def _merge(versions: list[Field]) -> Field:
    newest = versions[0]
    if newest.kind is Kind.QUESTION or len(versions) == 1:
        return newest
    return Field(
        path=newest.path,
        kind=newest.kind,
        bind=newest.bind,
        labels=newest.labels,
        children=merge_fields(versions),
    )


def _add_fields(
    fields: Sequence[Field],
    tables: list[TableLayout],
    table: TableLayout,
    nodes: dict[str, Node],
    prefix: tuple[str, ...],
) -> None:
    for child in fields:
        node = nodes.setdefault(child.name, Node())
        if child.kind is Kind.GROUP:
            node.group = node.group if node.group is not None else {}
            _add_fields(child.children, tables, table, node.group, (*prefix, child.name))
        elif child.kind is Kind.REPEAT:
            node.repeat = len(tables)
            repeat = TableLayout(name=child.name, path=child.path)
            tables.append(repeat)
            _add_fields(child.children, tables, repeat, repeat.nodes, ())
        else:
            node.column = len(table.columns)
            node.is_geopoint = child.bind.type == "geopoint"
            table.columns.extend(_columns(child, "-".join((*prefix, child.name))))


def _columns(question: Field, name: str) -> list[Column]:
    if question.bind.type == "geopoint":
        return [Column(f"{name}-{part}", question, part) for part in GEOPOINT_PARTS]
    return [Column(name, question)]


def _name_uniquely(tables: list[TableLayout]) -> None:
    """Give repeats of the same name the suffixes `~1`, `~2`, and clashing columns too."""
    names = [table.name for table in tables]
    for table in tables[1:]:
        same = [
            t for t in tables[1:] if t.name == table.name or t.name.startswith(table.name + "~")
        ]
        if names.count(table.name) > 1:
            table.name = f"{table.name}~{same.index(table) + 1}"
    for table in tables:
        seen: dict[str, int] = {}
        for i, column in enumerate(table.columns):
            seen[column.name] = count = seen.get(column.name, 0) + 1
            if count > 1:
                table.columns[i] = Column(f"{column.name}~{count}", column.field, column.part)
