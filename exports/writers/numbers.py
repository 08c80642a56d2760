"""Numbers that every program holds as they were answered: a double has 15 digits, whatever their
place.
"""

from __future__ import annotations

import polars as pl

MAX_DIGITS = 15
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_LONGEST = 40  # far from the smallest double


def is_exact_number(text: pl.Expr) -> pl.Expr:
    """True for `3.0`, false for `007` and for 16 digits; null where there is no text."""
    digits = text.str.replace(r"(\.[0-9]*?)0+$", "$1").str.replace_all(r"[-.]", "")
    is_short = digits.str.strip_chars_start("0").str.len_bytes() <= MAX_DIGITS
    return text.str.contains(_NUMBER) & is_short & (text.str.len_bytes() <= _LONGEST)
