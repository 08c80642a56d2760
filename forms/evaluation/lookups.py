"""`instance('list')/root/item[…]/column`: rows of a list, by an index where one helps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from forms.errors import NotSupported
from forms.xpath import Binary, Call, Expression, Filter, Path, Step, Text, walk

from .frames import Compiled, Frame, find_list
from .lists import Row
from .scopes import Scope
from .values import NodeSet, unpack

FindRows = Callable[[Frame], Sequence[Row]]
_Filter = Callable[[Sequence[Row], Frame], Sequence[Row]]


def compile_lookup(expression: Filter, scope: Scope) -> Compiled:
    match expression:
        case Filter(Call("instance", (Text(name),)), (), (Step(), item, *columns)):
            pass
        case _:
            raise NotSupported("unsupported.list_path")
    if item.test != "item" or len(columns) > 1 or any(c.predicates for c in columns):
        raise NotSupported("unsupported.list_path")
    find = compile_rows(name, item.predicates, scope)
    if not columns:
        return lambda frame: [""] * len(find(frame))
    return _column(find, columns[0].test)


def compile_rows(name: str, predicates: tuple[Expression, ...], scope: Scope) -> FindRows:
    """The rows that pass all predicates."""
    if name not in scope.facts.lists:
        raise NotSupported("unsupported.no_list", list=name)
    first = _index_by(predicates[0], scope) if predicates else None
    filters = [_compile_filter(p, scope) for p in predicates]
    rest = filters[1:] if first and first[2] else filters

    def find(frame: Frame) -> Sequence[Row]:
        lookup = find_list(frame, name)
        rows: Sequence[Row] = lookup.rows
        using = filters
        if first is not None:
            found = lookup.find(first[0], unpack(first[1](frame)))
            if found is not None:
                rows, using = found, rest
        for passes in using:
            rows = passes(rows, frame)
        return rows

    return find


def _column(find: FindRows, column: str) -> Compiled:
    def evaluate(frame: Frame) -> NodeSet:
        return [row[column] for row in find(frame) if column in row]

    return evaluate


def _compile_filter(predicate: Expression, scope: Scope) -> _Filter:
    passes = scope.compile(predicate, scope.at(None))

    def keep(rows: Sequence[Row], frame: Frame) -> Sequence[Row]:
        answers, node, current = frame.answers, frame.node, frame.current
        return [
            row
            for position, row in enumerate(rows, 1)
            if passes(Frame(answers, node, current, position, row)) is True
        ]

    return keep


def _index_by(predicate: Expression, scope: Scope) -> tuple[str, Compiled, bool] | None:
    """The column, what it must equal, and whether that is all that the predicate asks."""
    parts = list(_conjuncts(predicate))
    if any(_asks_position(part) for part in parts):
        return None
    for part in parts:
        match part:
            case Binary("=", Path(False, (Step("child", column, ()),)), other) | Binary(
                "=", other, Path(False, (Step("child", column, ()),))
            ) if not _reads_row(other):
                return column, scope.compile(other, scope.at(None)), len(parts) == 1
    return None


def _conjuncts(expression: Expression) -> Iterable[Expression]:
    if isinstance(expression, Binary) and expression.operator == "and":
        yield from _conjuncts(expression.left)
        yield from _conjuncts(expression.right)
    else:
        yield expression


def _reads_row(expression: Expression) -> bool:
    return any(isinstance(part, Path) and not part.is_absolute for part in walk(expression))


def _asks_position(expression: Expression) -> bool:
    return any(isinstance(part, Call) and part.name == "position" for part in walk(expression))
