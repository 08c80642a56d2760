"""V24: free text of an open form tells of what belongs on a restricted one (domain.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator

from forms.checking import Finding
from forms.folding import fold
from server.actions.checking.asked import Asked
from server.actions.checking.named.kinds import Named, found

WORDS = (
    "hiv",
    "aids",
    "hiếp dâm",
    "hiếp",
    "xâm hại",
    "ma tuý",
    "nghiện",
    "bạo hành",
    "mua bán người",
    "mại dâm",
    "loạn luân",
)


_HARMLESS = tuple(map(fold, ("ăn hiếp", "ức hiếp")))
"""Bullying, which open forms may tell."""


def find(asked: Asked) -> Iterator[Finding]:
    """`words` takes the place of the usual ones: with commas between, `_` for a blank. The text
    itself is not repeated in the finding, and which word it was neither.
    """
    words = _words(asked.parameter("words"))
    for node in asked.nodes:
        text = f" {fold(node.text)} "
        for harmless in _HARMLESS:
            text = text.replace(f" {harmless} ", " ")
        if any(f" {word} " in text for word in words):
            yield found(asked.declared, node.path, "")


def _words(text: str) -> list[str]:
    given = [part.replace("_", " ") for part in text.split(",") if part]
    return [fold(word) for word in given or WORDS]


CHECK = Named(find=find)
