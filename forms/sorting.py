"""The order of Vietnamese: letters first, ă â đ ê ô ơ ư among them, then tones (domain.md §6.3)."""

from __future__ import annotations

import re
import unicodedata

Key = tuple[tuple[int, ...], tuple[int, ...], tuple[bool, ...]]

_LETTERS = {c: i for i, c in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 1)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_MARKED = {
    ("a", "\u0306"): "ă",
    ("a", "\u0302"): "â",
    ("e", "\u0302"): "ê",
    ("o", "\u0302"): "ô",
    ("o", "\u031b"): "ơ",
    ("u", "\u031b"): "ư",
}
_END_OF_WORD = -(10**9)
_NUMBERS = -(10**8)
_OTHERS = 100
_RUNS = re.compile(r"[0-9]+|[^0-9]+")


def vietnamese_key(text: str) -> Key:
    """Sort by this. A run of digits counts as its number: Thôn 2 before Thôn 10."""
    letters: list[int] = []
    tones: list[int] = []
    capitals: list[bool] = []
    for word in text.split():
        for letter, tone, is_capital in _word(word):
            letters.append(letter)
            tones.append(tone)
            capitals.append(is_capital)
        letters.append(_END_OF_WORD)
    return tuple(letters), tuple(tones), tuple(capitals)


def person_key(name: str) -> tuple[Key, Key, Key]:
    """Sort people by this: the given name, which is the last word, then family, then middle."""
    words = name.split() or [""]
    return (
        vietnamese_key(words[-1]),
        vietnamese_key(words[0]),
        vietnamese_key(" ".join(words[1:-1])),
    )


def _word(word: str) -> list[tuple[int, int, bool]]:
    found: list[tuple[int, int, bool]] = []
    for run in _RUNS.findall(word):
        if run.isascii() and run.isdigit():
            found.append((max(_NUMBERS + int(run[:8]), _NUMBERS), 0, False))
        else:
            found.extend(_letters(run))
    return found


def _letters(run: str) -> list[tuple[int, int, bool]]:
    found: list[tuple[str, int, bool]] = []
    for ch in unicodedata.normalize("NFD", run):
        if found and unicodedata.combining(ch):
            letter, tone, is_capital = found[-1]
            marked = _MARKED.get((letter, ch), letter)
            found[-1] = (marked, _TONES.get(ch, tone), is_capital)
        elif not unicodedata.combining(ch):
            found.append((ch.lower(), 0, ch.isupper()))
    return [(_LETTERS.get(a, _OTHERS + ord(a[0])), tone, up) for a, tone, up in found]
