"""V23: a name in Vietnamese letters, in one way of writing (domain.md §3.7, §6.2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from forms.checking import Finding
from server.actions.checking.asked import Asked
from server.actions.checking.named.kinds import Named, found

_BASE = frozenset("abcdefghijklmnopqrstuvwxyzđ '’-")
_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")


def find(asked: Asked) -> Iterator[Finding]:
    """The first fault is told: a foreign character, two blanks, letters taken apart."""
    for node in asked.nodes:
        raw = (node.element.text or "") if node.element is not None else ""
        if fault := find_fault(raw.strip()):
            yield found(asked.declared, node.path, node.text, fault=fault)


def find_fault(name: str) -> str:
    """`character`, `blanks`, `apart`, or "" for a name that is right."""
    taken_apart = unicodedata.normalize("NFD", name.lower())
    if any(c not in _BASE and c not in _MARKS for c in taken_apart):
        return "character"
    if " ".join(name.split()) != name:
        return "blanks"
    return "apart" if unicodedata.normalize("NFC", name) != name else ""


CHECK = Named(find=find)
