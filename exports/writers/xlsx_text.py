"""Text inside a cell's XML: whatever was answered comes back exactly.

What XML cannot hold, and a carriage return, which it would lose, is written `_xHHHH_` as Excel
does; text that reads so itself has its underscore written so (ECMA-376 part 1, 22.4.2.4).
"""

from __future__ import annotations

import polars as pl

_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_UNHELD = [*(chr(i) for i in range(32) if chr(i) not in "\t\n"), "\ufffe", "\uffff"]
_WRITTEN = _MARKUP | {c: f"_x{ord(c):04X}_" for c in _UNHELD}
_ESCAPE = "_(x[0-9A-Fa-f]{4})"
_STRANGE = rf"[&<>\x00-\x08\x0B-\x1F\x{{FFFE}}\x{{FFFF}}]|{_ESCAPE}|^\s|\s$"


def find_strange(frame: pl.DataFrame) -> tuple[bool, ...]:
    """Which columns have text that must be escaped, or whose spaces must be kept."""
    found = frame.select(pl.all().str.contains(_STRANGE).any())
    return tuple(bool(is_strange) for is_strange in found.row(0))


def escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_ESCAPE, "_x005F_$1").str.replace_many(_WRITTEN)
