"""Compare names and numbers as people mean them, not as keyboards write them (domain.md §6.2).

`Hoà`, `Hòa`, `HOÀ` and the same letters taken apart are one word; `0912 345 678` and
`+84912345678` are one number.
"""

from __future__ import annotations

import re
import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_NOT_WORD = re.compile(r"[^\w\u0300-\u036f]+|_")
_NUMBER = re.compile(r"\+?[\d\s().-]+")
_COUNTRY = re.compile(r"(?:\+|00)84(?=[1-9])|^84(?=[1-9]\d{8}$)")
MIN_DIGITS = 8


def fold(text: str, *, is_loose: bool = False) -> str:
    """The words in one spelling, single blanks between them; `is_loose` without any accent."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    words = _NOT_WORD.sub(" ", apart).split()
    return " ".join(_without_accents(word) if is_loose else _tone_last(word) for word in words)


def fold_number(text: str) -> str:
    """The digits of a telephone number or other number; "" for text that is none."""
    if not _NUMBER.fullmatch(text.strip()):
        return ""
    digits = re.sub(r"[^\d+]", "", text)
    return _COUNTRY.sub("0", digits).lstrip("+")


class Needle:
    """What is looked for, prepared once."""

    def __init__(self, text: str, *, is_loose: bool = False) -> None:
        self._is_loose = is_loose
        self._words = fold(text, is_loose=is_loose)
        number = fold_number(text)
        self._number = number if len(number) >= MIN_DIGITS else ""

    @property
    def is_empty(self) -> bool:
        """True for text so short that it is in everything."""
        return len(self._words) < 2

    def is_in(self, text: str) -> bool:
        """True if the words stand in the text one after the other, or it is the number."""
        if self._number and fold_number(text) == self._number:
            return True
        return f" {self._words} " in f" {fold(text, is_loose=self._is_loose)} "


def _tone_last(word: str) -> str:
    """A syllable has one tone, which two traditions write over different vowels."""
    tones = "".join(c for c in word if c in _TONES)
    return "".join(c for c in word if c not in _TONES) + tones


def _without_accents(word: str) -> str:
    return "".join(c for c in word if not unicodedata.combining(c)).replace("đ", "d")
