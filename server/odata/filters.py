"""`$filter` as conditions on the fields that a resource has (central-api.md §13.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from server.errors import FilterFieldUnknown, FilterUnreadable, FilterUnsupported

from .conditions import (
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
    Operand,
    Operator,
    Part,
)
from .literals import compare, fit, part_of, read_literal
from .tokens import Token, TokenKind, iter_tokens, unreadable

MAX_DEPTH = 30
MAX_COMPARISONS = 100
_SHOWN = 100
_OPERATORS = frozenset(Operator)
_FUNCTIONS = frozenset(Function)
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "divby", "mod", "has", "in"})
_MIRRORED = {
    Operator.LT: Operator.GT,
    Operator.LE: Operator.GE,
    Operator.GT: Operator.LT,
    Operator.GE: Operator.LE,
}
_LITERALS = {TokenKind.STRING, TokenKind.UUID, TokenKind.TIME, TokenKind.NUMBER}


def parse_filter(text: str, fields: Mapping[str, Kind], *, now: datetime) -> Condition:
    """Raise FilterUnreadable, FilterUnsupported for OData that is not spoken here, and
    FilterFieldUnknown for every other field.
    """
    parser = _Parser(text, fields, now)
    condition = parser.parse_any()
    parser.expect_end()
    return condition


class _Parser:
    """One method a rule; each leaves `_at` behind what it has read."""

    def __init__(self, text: str, fields: Mapping[str, Kind], now: datetime) -> None:
        self._tokens = [*iter_tokens(text)]
        self._fields = fields
        self._now = now
        self._at = 0
        self._depth = 0
        self._comparisons = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def expect_end(self) -> None:
        if self._token.kind is not TokenKind.END:
            raise _refuse(self._token)

    def parse_any(self) -> Condition:
        token = self._token
        return _as_condition(self._parse_or(), token)

    def _parse_or(self) -> Condition | Operand:
        token = self._token
        first = self._parse_and()
        parts = [first]
        while self._take_word("or"):
            parts.append(self._parse_and())
        if len(parts) == 1:
            return first
        return AnyOf(tuple(_as_condition(part, token) for part in parts))

    def _parse_and(self) -> Condition | Operand:
        token = self._token
        first = self._parse_not()
        parts = [first]
        while self._take_word("and"):
            parts.append(self._parse_not())
        if len(parts) == 1:
            return first
        return All(tuple(_as_condition(part, token) for part in parts))

    def _parse_not(self) -> Condition | Operand:
        if not self._take_word("not"):
            return self._parse_comparison()
        self._enter()
        token = self._token
        of = _as_condition(self._parse_not(), token)
        self._depth -= 1
        return Not(of)

    def _parse_comparison(self) -> Condition | Operand:
        at = self._token
        left = self._parse_primary()
        word = self._token
        if word.kind is not TokenKind.NAME or word.text not in _OPERATORS:
            if word.text in _ARITHMETIC:
                raise _unsupported(word, "ArithmeticExpression")
            return left
        self._at += 1
        self._count()
        right_at = self._token
        right = self._parse_primary()
        if self._token.text in _ARITHMETIC:
            raise _unsupported(self._token, "ArithmeticExpression")
        return _join(Operator(word.text), (left, at), (right, right_at))

    def _parse_primary(self) -> Condition | Operand:
        token = self._token
        self._at += 1
        if token.kind in _LITERALS:
            return read_literal(token)
        if token.kind is TokenKind.MARK and token.text == "(":
            return self._parse_rest_of_group()
        if token.kind is TokenKind.NAME:
            return self._parse_name(token)
        raise _refuse(token)

    def _parse_rest_of_group(self) -> Condition | Operand:
        self._enter()
        inside = self._parse_or()
        self._expect(")")
        self._depth -= 1
        return inside

    def _parse_name(self, token: Token) -> Operand:
        if self._is_mark("("):
            return self._parse_call(token)
        if token.text == "null":
            return Constant(None, "null")
        if token.text in ("true", "false"):
            raise _unsupported(token, "BooleanLiteral")
        kind = self._fields.get(token.text)
        if kind is None:
            raise FilterFieldUnknown(at=token.at, text=token.text[:_SHOWN])
        return Field(token.text, kind)

    def _parse_call(self, token: Token) -> Operand:
        if token.text != "now" and token.text not in _FUNCTIONS:
            raise _unsupported(token, "MethodCallExpression")
        self._expect("(")
        if token.text == "now":
            self._expect(")")
            return Constant(self._now, "now()")
        self._enter()
        argument = self._token
        of = self._parse_primary()
        self._expect(")")
        self._depth -= 1
        return _part(Function(token.text), of, argument)

    def _take_word(self, word: str) -> bool:
        is_next = self._token.kind is TokenKind.NAME and self._token.text == word
        self._at += is_next
        return is_next

    def _is_mark(self, mark: str) -> bool:
        return self._token.kind is TokenKind.MARK and self._token.text == mark

    def _expect(self, mark: str) -> None:
        if not self._is_mark(mark):
            raise _refuse(self._token)
        self._at += 1

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FilterUnreadable(subject="too_deep", reason="too deep", limit=MAX_DEPTH)

    def _count(self) -> None:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise FilterUnreadable(subject="too_many", reason="too many", limit=MAX_COMPARISONS)


def _join(
    operator: Operator,
    left: tuple[Condition | Operand, Token],
    right: tuple[Condition | Operand, Token],
) -> Condition:
    """The comparison with its constant, if there is one, of the field's kind and to the right."""
    one, other = _as_operand(*left), _as_operand(*right)
    if isinstance(one, Constant) and not isinstance(other, Constant):
        return _join(_MIRRORED.get(operator, operator), right, left)
    if isinstance(other, Constant) and one.kind is not None:
        other = fit(other, one.kind, right[1])
    if isinstance(one, Constant):
        return _decide(operator, one, other, left[1])
    if other.kind not in (None, one.kind):
        raise _refuse(right[1])
    return Comparison(operator, one, other)


def _decide(operator: Operator, one: Constant, other: Operand, token: Token) -> Known:
    if not isinstance(other, Constant):
        raise _refuse(token)
    return Known(compare(operator, one.value, other.value))


def _part(function: Function, of: Condition | Operand, token: Token) -> Operand:
    operand = _as_operand(of, token)
    if isinstance(operand, Constant):
        moment = fit(operand, Kind.TIME, token).value
        if not isinstance(moment, datetime):
            raise _refuse(token)
        return Constant(part_of(function, moment), token.text)
    if isinstance(operand, Part) or operand.kind is not Kind.TIME:
        raise _refuse(token)
    return Part(function, operand)


def _as_condition(found: Condition | Operand, token: Token) -> Condition:
    if isinstance(found, Operand):
        raise _refuse(token)
    return found


def _as_operand(found: Condition | Operand, token: Token) -> Operand:
    if not isinstance(found, Operand):
        raise _unsupported(token, "BooleanExpression")
    return found


def _refuse(token: Token) -> FilterUnreadable:
    return unreadable(token.text, token.at)


def _unsupported(token: Token, kind: str) -> FilterUnsupported:
    return FilterUnsupported(at=token.at, type=kind, text=token.text[:_SHOWN])
