"""The tables that a form's submissions fill: one for the form, one for each repeat.

Several versions of a form give one layout, the union of their columns in the newest one's order;
a field that vanished stands after the last surviving field of its group, as in Central.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

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
    """What an element of that name is: an answer, a position, a group, a repeat, or some of them.

    More than one only if versions disagree; `see_as` then says what it is in one of them.
    """

    column: int | None = None
    point: int | None = None
    group: dict[str, Node] | None = None
    repeat: int | None = None

    @property
    def is_ambiguous(self) -> bool:
        kinds = (self.column, self.point, self.group, self.repeat)
        return sum(kind is not None for kind in kinds) > 1


Nodes = dict[str, Node]


@dataclass(slots=True)
class TableLayout:
    """One table: its name ("" for the form itself), its columns and how to fill them."""

    name: str
    path: str
    columns: list[Column] = field(default_factory=list)
    nodes: Nodes = field(default_factory=dict)


def build_layout(
    definitions: Sequence[FormDefinition], *, without: Callable[[Field], bool] = lambda field: False
) -> list[TableLayout]:
    """The tables of a form's versions, given newest first; the first table is the form itself.

    Questions of which `without` is true get no column.
    """
    tables = [TableLayout(name="", path="")]
    root = merge_fields([d.root for d in definitions])
    _add_fields(root, tables, tables[0], tables[0].nodes, (), without)
    _name_uniquely(tables)
    return tables


def see_as(tables: Sequence[TableLayout], definition: FormDefinition) -> list[Nodes]:
    """The nodes of each table as one version means them; what it does not know stays as it is."""
    seen = [table.nodes for table in tables]
    seen[0] = _narrow(tables[0].nodes, definition.root, tables, seen)
    return seen


def _narrow(
    nodes: Nodes, container: Field, tables: Sequence[TableLayout], seen: list[Nodes]
) -> Nodes:
    narrowed = dict(nodes)
    for child in container.children:
        node = nodes.get(child.name)
        if node is None:
            continue
        if node.is_ambiguous:
            node = _as_kind(node, child)
        if child.kind is Kind.GROUP and node.group is not None:
            node = replace(node, group=_narrow(node.group, child, tables, seen))
        elif child.kind is Kind.REPEAT and node.repeat is not None:
            seen[node.repeat] = _narrow(tables[node.repeat].nodes, child, tables, seen)
        narrowed[child.name] = node
    return narrowed


def _as_kind(node: Node, field: Field) -> Node:
    if field.kind is Kind.GROUP:
        return Node(group=node.group)
    if field.kind is Kind.REPEAT:
        return Node(repeat=node.repeat)
    return Node(point=node.point) if _is_geopoint(field) else Node(column=node.column)


_Key = tuple[str, Kind, bool]


def merge_fields(versions: Sequence[Field]) -> tuple[Field, ...]:
    """The children of all versions of one container, newest first; each (name, kind) once.

    A position is a kind of its own: it has four columns, and text must not be split into them.
    """
    merged: list[_Key] = []
    found: dict[_Key, list[Field]] = {}
    for version in versions:
        at = 0
        for child in version.children:
            key = (child.name, child.kind, _is_geopoint(child))
            if key in found:
                at = merged.index(key) + 1
            else:
                merged.insert(at if version is not versions[0] else len(merged), key)
                at += 1
            found.setdefault(key, []).append(child)
    return tuple(_merge(found[key]) for key in merged)


def _merge(versions: list[Field]) -> Field:
    newest = versions[0]
    if newest.kind is Kind.QUESTION:
        # What is only shown today may have been asked before.
        return next((version for version in versions if not version.is_note), newest)
    if len(versions) == 1:
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
    nodes: Nodes,
    prefix: tuple[str, ...],
    without: Callable[[Field], bool],
) -> None:
    for child in fields:
        if child.kind is Kind.QUESTION and without(child):
            continue
        node = nodes.setdefault(child.name, Node())
        if child.kind is Kind.GROUP:
            node.group = node.group if node.group is not None else {}
            _add_fields(child.children, tables, table, node.group, (*prefix, child.name), without)
        elif child.kind is Kind.REPEAT:
            node.repeat = len(tables)
            repeat = TableLayout(name=child.name, path=child.path)
            tables.append(repeat)
            _add_fields(child.children, tables, repeat, repeat.nodes, (), without)
        else:
            if _is_geopoint(child):
                node.point = len(table.columns)
            else:
                node.column = len(table.columns)
            table.columns.extend(_columns(child, "-".join((*prefix, child.name))))


def _is_geopoint(field: Field) -> bool:
    return field.kind is Kind.QUESTION and field.bind.type == "geopoint"


def _columns(question: Field, name: str) -> list[Column]:
    if _is_geopoint(question):
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
