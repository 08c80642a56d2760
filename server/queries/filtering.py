"""Filters and orders of OData as SQL, over the columns that a resource gives for its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Integer,
    String,
    and_,
    cast,
    extract,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)

from server.db import db
from server.odata.conditions import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Constant,
    Field,
    Function,
    Kind,
    Known,
    Not,
    Operator,
    Part,
)
from server.odata.orders import Order


@dataclass(frozen=True, slots=True)
class Column:
    """What a field of OData is in a table."""

    sql: Any
    kind: Kind


Columns = Mapping[str, Column]
Compare = Callable[[Any, Any], ColumnElement[bool]]
_STEP = timedelta(milliseconds=1)
_STRFTIME = {
    Function.YEAR: "%Y",
    Function.MONTH: "%m",
    Function.DAY: "%d",
    Function.HOUR: "%H",
    Function.MINUTE: "%M",
    Function.SECOND: "%S",
}
_COMPARE: dict[Operator, Compare] = {
    Operator.EQ: lambda left, right: and_(left.is_not(None), left == right),
    Operator.NE: lambda left, right: left.is_distinct_from(right),
    Operator.LT: lambda left, right: left < right,
    Operator.LE: lambda left, right: left <= right,
    Operator.GT: lambda left, right: left > right,
    Operator.GE: lambda left, right: left >= right,
}
_COMPARE_MOMENTS: dict[Operator, Compare] = {
    Operator.EQ: lambda at, moment: and_(at.is_not(None), at >= moment, at < moment + _STEP),
    Operator.NE: lambda at, moment: or_(at.is_(None), at < moment, at >= moment + _STEP),
    Operator.LT: lambda at, moment: at < moment,
    Operator.LE: lambda at, moment: at < moment + _STEP,
    Operator.GT: lambda at, moment: at >= moment + _STEP,
    Operator.GE: lambda at, moment: at >= moment,
}
"""Times are shown by the millisecond and kept by the microsecond: what is shown counts."""


def kinds_of(columns: Columns) -> dict[str, Kind]:
    return {name: column.kind for name, column in columns.items()}


def to_sql(condition: Condition, columns: Columns) -> ColumnElement[bool]:
    match condition:
        case Known(value):
            return true() if value else false()
        case Not(of):
            return not_(to_sql(of, columns))
        case All(parts):
            return and_(*(to_sql(part, columns) for part in parts))
        case AnyOf(parts):
            return or_(*(to_sql(part, columns) for part in parts))
        case Comparison():
            return _compare(condition, columns)


def to_order(orders: Iterable[Order], columns: Columns) -> Iterator[ColumnElement[Any]]:
    """Blanks first where it ascends, last where it descends."""
    for order in orders:
        sql = columns[order.name].sql
        yield sql.desc().nulls_last() if order.descends else sql.asc().nulls_first()


def _compare(comparison: Comparison, columns: Columns) -> ColumnElement[bool]:
    operator, right = comparison.operator, comparison.right
    left = _operand(comparison.left, columns)
    if not isinstance(right, Constant):
        return _compare_columns(operator, left, _operand(right, columns))
    if right.value is None:
        return _compare_null(operator, left)
    if isinstance(right.value, datetime):
        moment = right.value.replace(microsecond=right.value.microsecond // 1000 * 1000)
        return _COMPARE_MOMENTS[operator](left, moment)
    return _COMPARE[operator](left, _literal(right.value))


def _compare_null(operator: Operator, left: Any) -> ColumnElement[bool]:
    """Nothing is less or more than null."""
    if operator is Operator.EQ:
        return left.is_(None)
    if operator is Operator.NE:
        return left.is_not(None)
    return false()


def _compare_columns(operator: Operator, left: Any, right: Any) -> ColumnElement[bool]:
    if operator is Operator.EQ:
        return left.is_not_distinct_from(right)
    return _COMPARE[operator](left, right)


def _operand(operand: Field | Part, columns: Columns) -> Any:
    if isinstance(operand, Field):
        return columns[operand.name].sql
    return _part(operand.function, columns[operand.of.name].sql)


def _part(function: Function, at: Any) -> Any:
    """Of the time in UTC, whatever zone the session has."""
    if db.engine.dialect.name == "sqlite":
        return cast(func.strftime(_STRFTIME[function], at), Integer)
    return func.floor(extract(function.value, func.timezone("UTC", at)))


def _literal(value: str | float) -> ColumnElement[Any]:
    """With a type of its own: a number may be more than the column has room for."""
    if isinstance(value, str):
        return literal(value, String())
    return literal(value, BigInteger() if isinstance(value, int) else Double())
