"""The words of a `$filter`: names, literals, parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from server.errors import FilterUnreadable

MAX_LENGTH = 10_000
_SHOWN = 30
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<string>'(?:[^']|'')*')
    | (?P<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})
    | (?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}
        (?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[-+\ ][0-9]{2}:[0-9]{2})?)?)
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
    | (?P<name>[$\w]+(?:/[$\w.-]+)*)
    | (?P<mark>[(),])""",
    re.VERBOSE,
)


class TokenKind(StrEnum):
    """What a word is; END is after the last."""

    STRING = "string"
    UUID = "uuid"
    TIME = "time"
    NUMBER = "number"
    NAME = "name"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A word and where it stands, counted from 0."""

    kind: TokenKind
    text: str
    at: int


def iter_tokens(text: str) -> Iterator[Token]:
    """Raise FilterUnreadable at what is none. In times a blank is a + that nobody encoded."""
    if len(text) > MAX_LENGTH:
        raise FilterUnreadable(subject="too_long", reason="too long", limit=MAX_LENGTH)
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None or "\0" in found[0]:
            raise unreadable(text[at:], at)
        if found.lastgroup != "space":
            yield Token(TokenKind(found.lastgroup), found[0], at)
        at = found.end()
    yield Token(TokenKind.END, "", at)


def unreadable(text: str, at: int) -> FilterUnreadable:
    shown = text[:_SHOWN].replace("\0", "")
    return FilterUnreadable(reason=f"at {at}: {shown}", at=at, text=shown)
