"""Which table a repeat's rows stand in."""

from __future__ import annotations

from collections.abc import Sequence

from exports.tables import TableHead


def system_column(head: TableHead, name: str) -> str | None:
    """The heading of a system column; a question of the same name has pushed it aside."""
    for column in reversed(head.columns):
        if not column.path and column.id in (name, f"__{name}"):
            return column.heading
    return None


def find_parents(heads: Sequence[TableHead]) -> list[int | None]:
    """The table above each, by the paths of its columns; None where they do not tell."""
    paths = [_path(head) for head in heads]
    parents: list[int | None] = []
    for at, path in enumerate(paths):
        above = [i for i, other in enumerate(paths[:at]) if _is_within(path, other)]
        parents.append(max(above, key=lambda i: len(paths[i] or ())) if above else None)
    return parents


def _path(head: TableHead) -> tuple[str, ...] | None:
    """Where a repeat is: a column's path as far as the repeat's own name."""
    if not head.name:
        return ()
    name = head.name.partition("~")[0]
    for column in head.columns:
        steps = tuple(column.path.strip("/").split("/"))
        if name in steps[:-1]:
            return steps[: steps.index(name) + 1]
    return None


def _is_within(path: tuple[str, ...] | None, other: tuple[str, ...] | None) -> bool:
    if path is None or other is None or path == other:
        return False
    return path[: len(other)] == other
