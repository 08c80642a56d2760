"""Java's texts of double and back (Double.toString, Double.parseDouble)."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_DOUBLE = re.compile(r"[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)", re.ASCII)
_BLANKS = "".join(map(chr, range(33)))
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)


def format_double(number: float) -> str:
    """`0.5`, `100.0`, `1.0E7`, `1.0E-4`: the shortest digits that give the number back."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(exponent)
    text = "".join(map(str, digits)).rstrip("0")
    if not text:
        return "-0.0" if math.copysign(1, number) < 0 else "0.0"
    point = len(digits) + exponent
    body = _plain(text, point) if -3 < point <= 7 else _scientific(text, point)
    return f"-{body}" if sign else body


def parse_double(text: str) -> float:
    """NaN for what Java refuses."""
    if _DOUBLE.fullmatch(text) is None:
        return math.nan
    return float(text.rstrip("fFdD"))


def trim(text: str) -> str:
    """Java's String.trim: a no-break space stays."""
    return text.strip(_BLANKS)


def parse_integer(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    return f"{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"


def _scientific(digits: str, point: int) -> str:
    return f"{digits[0]}.{digits[1:] or '0'}E{point - 1}"
