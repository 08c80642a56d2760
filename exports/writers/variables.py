"""Names and labels as SPSS and Stata accept them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

_ILLEGAL = re.compile(r"[^A-Za-z0-9_]")
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Program:
    """What a program holds. `size` is how it measures labels; `max_text` None is no limit.

    Before `earliest` its calendar has no days. Where `labels_text` is false, only numbers have
    value labels. `formats` are those of numbers by their decimals, of dates, moments and times.
    """

    max_name: int
    reserved: frozenset[str]
    size: Callable[[str], int]
    max_label: int
    max_title: int
    max_value_label: int
    max_text: int | None
    earliest: date
    labels_text: bool
    number_format: Callable[[int], str]
    formats: dict[str, str]


class Names:
    """Names that are legal and differ whatever the case."""

    def __init__(self, program: Program) -> None:
        self._max = program.max_name
        self._taken = set(program.reserved)

    def take(self, wanted: str, suffix: str = "") -> str:
        """The end of a long name is the question's own: the groups before it are cut."""
        plain = unicodedata.normalize("NFKD", wanted.replace("đ", "d").replace("Đ", "D"))
        plain = "".join(c for c in plain if not unicodedata.combining(c))
        plain = _ILLEGAL.sub("_", plain).rstrip("_")
        name, count = self._cut(plain, suffix), 1
        while name.lower() in self._taken:
            count += 1
            name = self._cut(plain, f"{suffix}_{count}")
        self._taken.add(name.lower())
        return name

    def _cut(self, plain: str, suffix: str) -> str:
        room = self._max - len(suffix)
        base = plain[-room:]
        if not base[:1].isalpha():
            base = f"v{plain[-room + 1 :]}"
        return base + suffix


def cut(text: str, limit: int, size: Callable[[str], int]) -> str:
    """The text on one line, or as much of it as fits and a mark that it goes on."""
    text = " ".join(text.split())
    if size(text) <= limit:
        return text
    while size(text + _CUT) > limit:
        text = text[:-1]
    return text + _CUT


def size_in_bytes(text: str) -> int:
    return len(text.encode())
