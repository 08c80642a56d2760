"""Answers as values: numbers, dates, times and moments where the text is one, else null.

What a value cannot hold exactly stays in the text beside it; nothing is guessed or rounded.
"""

from __future__ import annotations

from datetime import tzinfo

import polars as pl

_INTEGER = r"^(0|-?[1-9][0-9]{0,17})$"
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_LONGEST = 40  # far from where a double ends
MAX_DIGITS = 15
_DAY = r"[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}"  # years that every reader knows, in any zone
_DATE = rf"^{_DAY}$"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
_MOMENT = rf"^{_DAY}T{_CLOCK}{_OFFSET}?$"
_TIME = rf"^{_CLOCK}{_OFFSET}?$"
DTYPES: dict[str, pl.DataType] = {
    "int": pl.Int64(),
    "decimal": pl.Float64(),
    "date": pl.Date(),
    "dateTime": pl.Datetime("us", "UTC"),
    "time": pl.Time(),
}
"""The value's type by the bind's; every other type is text only."""


def value_of(text: pl.Expr, type_: str, tz: tzinfo) -> pl.Expr:
    """The value of an answer of a type in DTYPES; a moment without offset is one of `tz`."""
    match type_:
        case "int":
            return _matching(text, _INTEGER).cast(pl.Int64, strict=False)
        case "decimal":
            short = pl.when(text.str.len_bytes() <= _LONGEST).then(text)
            return _matching(short, _NUMBER).cast(pl.Float64, strict=False)
        case "date":
            return _matching(text, _DATE).str.to_date("%Y-%m-%d", strict=False)
        case "dateTime":
            return _moment(text, tz)
        case "time":
            return _seconds(_matching(text, _TIME).str.replace(rf"{_OFFSET}$", "")).str.to_time(
                "%H:%M:%S%.f", strict=False
            )
    raise ValueError(type_)


def _matching(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text)


def _moment(text: pl.Expr, tz: tzinfo) -> pl.Expr:
    known = _matching(text, _MOMENT)
    offset = known.str.extract(rf"{_OFFSET}$")
    clock = _seconds(known.str.replace(rf"{_OFFSET}$", "")).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False
    )
    here = clock.dt.replace_time_zone(str(tz), ambiguous="earliest", non_existent="null")
    there = clock.dt.replace_time_zone("UTC") - _span(offset)
    return pl.when(offset.is_null()).then(here.dt.convert_time_zone("UTC")).otherwise(there)


def _seconds(text: pl.Expr) -> pl.Expr:
    """The time with seconds: `07:30` becomes `07:30:00`."""
    return pl.when(text.str.contains(r"(^|T)[0-9]{2}:[0-9]{2}$")).then(text + ":00").otherwise(text)


def _span(offset: pl.Expr) -> pl.Expr:
    """`+07:30`, `+0730`, `+07` and `Z` as a duration."""
    hours = offset.str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = offset.str.extract(r"^[+-][0-9]{2}:?([0-9]{2})$").cast(pl.Int64).fill_null(0)
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    return pl.duration(minutes=sign * (hours * 60 + minutes))


def is_exact_number(text: pl.Expr) -> pl.Expr:
    """True where a double holds the number, 15 digits at any place: `3.0` is one; `007`, `-0` and
    16 digits are not. Null where there is no text.
    """
    digits = text.str.replace(r"(\.[0-9]*?)0+$", "$1").str.replace_all(r"[-.]", "")
    significant = digits.str.strip_chars_start("0").str.len_bytes()
    is_short = (significant <= MAX_DIGITS) & (text.str.len_bytes() <= _LONGEST)
    is_minus_nothing = text.str.starts_with("-") & (significant == 0)
    return text.str.contains(_NUMBER) & is_short & ~is_minus_nothing
