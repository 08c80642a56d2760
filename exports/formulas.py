"""Nothing that a spreadsheet would run leaves as a formula.

Text that would be run, or that begins with an apostrophe, gets one leading apostrophe; taking one
away from whatever begins with one gives the answer back exactly. Negative numbers stay numbers.
"""

from __future__ import annotations

import re

import polars as pl

# Spaces, control, format and unassigned characters, marks, and letters that show nothing.
_INVISIBLE = r"[\s\p{C}\p{Z}\p{M}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{2800}]"
_RUNS = rf"^'|^{_INVISIBLE}*[=+\-@\x{{FF1D}}\x{{FF0B}}\x{{FF0D}}\x{{FF20}}]|^{_INVISIBLE}*[\t\r]"
_NEGATIVE = r"^-\d+(\.\d+)?([eE][+-]?\d+)?$"


def neutralise(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column of text, made inert."""
    return frame.with_columns(_inert(name) for name in frame.columns)


def _inert(name: str) -> pl.Expr:
    text = pl.col(name)
    runs = text.str.contains(_RUNS) & ~text.str.contains(_NEGATIVE)
    return pl.when(runs).then(pl.lit("'") + text).otherwise(text).alias(name)


def neutralise_text(text: str) -> str:
    """One text, such as a heading, made inert."""
    return str(neutralise(pl.DataFrame({"text": [text]})).item())


def restore_text(text: str) -> str:
    """The answer again."""
    return re.sub(r"\A'", "", text)


def undo_text(text: str) -> str:
    """The same for text that may never have been made inert: an apostrophe of its own stays."""
    inner = restore_text(text)
    return inner if inner != text and neutralise_text(inner) == text else text
