"""Literals of filters as values, and what a constant is beside a field of some kind."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .conditions import Constant, Function, Kind, Operator, Value
from .tokens import Token, TokenKind, unreadable

_NUMBER = re.compile(r"-?[0-9]+")
_ANY_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DIGITS = 18
_COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}


def read_literal(token: Token) -> Constant:
    """Raise FilterUnreadable for a day that no calendar has."""
    if token.kind is TokenKind.STRING:
        text = token.text[1:-1].replace("''", "'")
        return Constant(text, text)
    if token.kind is TokenKind.TIME:
        return Constant(_read_time(token.text, token), token.text)
    if token.kind is TokenKind.NUMBER:
        return Constant(_read_number(token.text), token.text)
    return Constant(token.text.lower(), token.text)


def fit(constant: Constant, kind: Kind, token: Token) -> Constant:
    """The constant as a value of that kind; raise FilterUnreadable where it is none.

    Times and numbers may be written as texts: `creatorId eq '5'`.
    """
    if constant.kind in (None, kind):
        return constant
    text = constant.text
    if kind is Kind.TEXT:
        return Constant(text, text)
    if constant.kind is Kind.TEXT and kind is Kind.TIME:
        return Constant(_read_time(text, token), text)
    if constant.kind is Kind.TEXT and _ANY_NUMBER.fullmatch(text):
        return Constant(_read_number(text), text)
    raise unreadable(token.text, token.at)


def compare(compared: Operator, left: Value, right: Value) -> bool:
    """Two constants of one kind. Nothing is less or more than null."""
    if compared is Operator.EQ:
        return left == right
    if compared is Operator.NE:
        return left != right
    if left is None or right is None:
        return False
    return bool(_COMPARE[compared](left, right))


def part_of(function: Function, moment: datetime) -> int:
    return int(getattr(moment, function.value))


def _read_number(text: str) -> int | float:
    """Whatever no column of ours could hold is a float, if need be an infinite one."""
    is_whole = _NUMBER.fullmatch(text) and len(text) <= _DIGITS
    return int(text) if is_whole else float(text)


def _read_time(text: str, token: Token) -> datetime:
    """A day is its first moment in UTC, and so is a time without a zone."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise unreadable(token.text, token.at) from error
    if not 1 < moment.year < 9999:
        raise unreadable(token.text, token.at)
    return moment
