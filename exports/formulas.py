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
# From the first to before the second; between the two lie `=` and `@`.
_HARMLESS = ((".", "="), ("A", "\x7f"))
_NEGATIVE = r"^-\d+(\.\d+)?([eE][+-]?\d+)?$"


def neutralise(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column of text, made inert.

    A column is looked at no closer than it takes: most lie between two harmless texts, and few of
    the others have a cell that runs.
    """
    begin = pl.all().str.head(1)  # it decides, and the whole may be long
    ends = zip(*(f.select(begin).iter_columns() for f in (frame.min(), frame.max())), strict=True)
    doubtful = [
        least.name for least, greatest in ends if not _is_harmless(least.item(), greatest.item())
    ]
    runs = frame.select(pl.col(name).str.contains(_RUNS) for name in doubtful)
    return frame.with_columns(_inert(run) for run in runs.iter_columns() if run.any())


def _is_harmless(least: str | None, greatest: str | None) -> bool:
    """True where no text from `least` to `greatest` begins as one that would be run."""
    if least is None or greatest is None:
        return True
    return any(first <= least and greatest < end for first, end in _HARMLESS)


def _inert(runs: pl.Series) -> pl.Expr:
    """The column of that name, with an apostrophe where a cell runs and is no number."""
    text = pl.col(runs.name)
    made = pl.lit("'") + text
    is_run = pl.lit(runs) & ~text.str.contains(_NEGATIVE)
    return pl.when(is_run).then(made).otherwise(text).alias(runs.name)


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
