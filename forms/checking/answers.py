"""Texts of answers: of their type, and the same though written otherwise."""

from __future__ import annotations

import math
import re

from forms.evaluation import Node, is_answered

_CLOSE = 1e-6
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
"""With a zero before it, it is a code."""


def has_its_type(node: Node) -> bool:
    """False if the text is nothing that the type of the field can hold."""
    return not node.text or is_answered(node)


def is_same_answer(sent: str, expected: str) -> bool:
    """Equal texts, or numbers that differ by less than Collect's versions write them."""
    expected = expected.strip()
    if sent == expected:
        return True
    if _NUMBER.fullmatch(sent) and _NUMBER.fullmatch(expected):
        return math.isclose(float(sent), float(expected), rel_tol=_CLOSE, abs_tol=_CLOSE)
    return " ".join(sent.split()) == " ".join(expected.split())
