"""Java's regular expressions in Python's words; what means something else is refused.

The matching is that of `regex`, which stops after a time where a pattern such as `(a+)+` would try
for ever. What only `regex` has, `re` refuses first, so nobody has to know what that is.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import regex

from forms.errors import NotEvaluated, NotSupported

_PATIENCE = 0.1
"""Seconds for one text; a sound pattern takes some millionths of one."""
_GROUP = re.compile(r"\((?:\?(?:i?[:)]|[=!>]|<[=!])|(?!\?))")
_QUANTIFIER = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_PROPERTY = re.compile(r"\\p(?:\{(?:Is)?(\w+)\}|(\w))|\\.", re.DOTALL)
_POSIX = {
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Upper": "A-Z",
    "Lower": "a-z",
    "Punct": r"!-/:-@\[-`{-~",
    "Space": r" \t\n\x0b\f\r",
}
_CATEGORIES = frozenset(
    {"L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "N", "Nd", "Nl", "P", "S", "Z"}
)
_KNOWN_ESCAPES = frozenset("dDwWsSbBtnrf\\.[]{}()*+?^$|-/'\" &,:;<>=!@#%_~`123456789xu")
_ALPHABETIC = {"Alphabetic": "L", "Letter": "L", "Digit": "Nd"}


Matches = Callable[[str], bool]


@lru_cache(maxsize=1000)
def compile_pattern(pattern: str) -> Matches:
    """Whether a whole text matches; it raises NotEvaluated for one that takes too long.

    Raise NotSupported for what Python would read otherwise than Java, or not at all.
    """
    translated = _translate(pattern)
    try:
        re.compile(translated, re.ASCII)
        fullmatch = regex.compile(translated, regex.ASCII | regex.VERSION0).fullmatch
    except (re.error, regex.error, ValueError, OverflowError, RecursionError) as error:
        raise NotSupported("unsupported.pattern", pattern=pattern) from error

    def matches(text: str) -> bool:
        try:
            return fullmatch(text, timeout=_PATIENCE) is not None
        except (TimeoutError, MemoryError) as error:
            raise NotEvaluated(f"a text takes too long for the pattern {pattern}") from error

    return matches


def _translate(pattern: str) -> str:
    parts: list[str] = []
    at, in_class = 0, False
    while at < len(pattern):
        match = _PROPERTY.match(pattern, at)
        if match is not None:
            parts.append(_escape(match, in_class, pattern))
            at = match.end()
            continue
        letter = pattern[at]
        if _is_read_otherwise(pattern, at, in_class):
            part = pattern[at : at + 3]
            raise NotSupported("unsupported.pattern_part", part=part, pattern=pattern)
        parts.append(_plain(letter, in_class))
        in_class = letter != "]" and (in_class or letter == "[")
        at += 1
    return "".join(parts)


def _is_read_otherwise(pattern: str, at: int, in_class: bool) -> bool:
    """A class within a class, and groups, flags and braces that Java has not or reads otherwise."""
    if in_class:
        return pattern[at] == "[" or pattern.startswith("&&", at)
    if pattern[at] == "(":
        return _GROUP.match(pattern, at) is None
    if pattern[at] == "{":
        return _QUANTIFIER.match(pattern, at) is None
    return pattern.startswith(("[]", "[^]"), at)


def _plain(letter: str, in_class: bool) -> str:
    """Java's dot stops at five kinds of line ends."""
    return r"[^\n\r\x85\u2028\u2029]" if letter == "." and not in_class else letter


def _escape(match: re.Match[str], in_class: bool, pattern: str) -> str:
    name = match[1] or match[2]
    if name is None:
        if match[0][1] not in _KNOWN_ESCAPES:
            raise NotSupported("unsupported.pattern_part", part=match[0], pattern=pattern)
        return match[0]
    ranges = _ranges(_ALPHABETIC.get(name, name)) if name not in _POSIX else _POSIX[name]
    if not ranges:
        raise NotSupported("unsupported.pattern_part", part=match[0], pattern=pattern)
    return ranges if in_class else f"[{ranges}]"


@lru_cache(maxsize=20)
def _ranges(category: str) -> str:
    """The characters of a Unicode category as the inside of a class."""
    if category not in _CATEGORIES:
        return ""
    ranges: list[str] = []
    start = -1
    for code in range(sys.maxunicode + 2):
        belongs = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(category)
        if belongs and start < 0:
            start = code
        elif not belongs and start >= 0:
            ranges.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = -1
    return "".join(ranges)
