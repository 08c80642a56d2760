"""Cut an XPath expression into tokens (XPath 1.0 §3.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from forms.errors import ExpressionRefused

MAX_LENGTH = 100_000
WORD_OPERATORS = frozenset({"and", "or", "div", "mod"})
_NAME = r"[^\W\d][\w.\-\u00b7\u0300-\u036f]*"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<name>{_NAME}(?::(?:{_NAME}|\*))?)
    | (?P<operator>!=|<=|>=|//|[=<>+\-|/])
    | (?P<mark>::|\.\.|[.@(),\[\]])
    | (?P<star>\*)
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_OPENS = frozenset({"@", "::", "(", "[", ","})
_HINTS = {
    "&": "and",
    "!": "not",
    "$": "name",
    "“": "straight",
    "”": "straight",
    "‘": "straight",
    "’": "straight",
    "'": "unclosed",
    '"': "unclosed",
}


class Kind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    NAME = "name"
    OPERATOR = "operator"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression and where it begins."""

    kind: Kind
    text: str
    start: int


def cut(text: str) -> list[Token]:
    """The tokens, the end among them; raise ExpressionRefused at what is none."""
    if len(text) > MAX_LENGTH:
        raise ExpressionRefused("xpath.too_long", MAX_LENGTH, most=MAX_LENGTH)
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1].kind is not Kind.END:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _no_token(text, at)
        at = match.end()
        group = match.lastgroup or ""
        tokens.append(_token(group, match[group], match.start(group), tokens))
    return tokens


def _token(group: str, text: str, start: int, before: list[Token]) -> Token:
    """After an operand `*` multiplies and a name is an operator; elsewhere both are names."""
    follows_operand = bool(before) and not (
        before[-1].kind is Kind.OPERATOR or before[-1].text in _OPENS
    )
    if group == "star":
        return Token(Kind.OPERATOR if follows_operand else Kind.NAME, text, start)
    if group == "name" and follows_operand and text in WORD_OPERATORS:
        return Token(Kind.OPERATOR, text, start)
    return Token(Kind(group), text, start)


def _no_token(text: str, at: int) -> ExpressionRefused:
    at += len(text[at:]) - len(text[at:].lstrip())
    hint = _HINTS.get(text[at])
    said = f"#xpath.hint.{hint}" if hint else ""
    return ExpressionRefused("xpath.no_meaning", at, token=text[at], hint=said)
