"""Ages in bands, those of the periodic report (domain.md §4.4), and wider ones."""

from __future__ import annotations

import polars as pl

_BANDS = ((3, "0–2"), (6, "3–5"), (11, "6–10"), (15, "11–14"), (16, "15"), (18, "16–17"))
_ADULT = "18+"
_WIDER = {
    "0–2": "0–5",
    "3–5": "0–5",
    "6–10": "6–14",
    "11–14": "6–14",
    "15": "15–17",
    "16–17": "15–17",
}
"""With en dashes, so that no spreadsheet takes 3–5 for a day in May."""


def age_on(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Completed years on a day; both are text that begins with a date, null where it does not."""
    birth, at = _date(born), _date(day)
    return at.dt.year() - birth.dt.year() - (_day_of_year(at) < _day_of_year(birth)).cast(pl.Int32)


def age_of(years: pl.Expr) -> pl.Expr:
    """An age as it was answered."""
    return years.cast(pl.Float64, strict=False).floor().cast(pl.Int32, strict=False)


def band_of(age: pl.Expr) -> pl.Expr:
    """The band of an age; null for none, and for one below zero."""
    band: pl.Expr = pl.when(age >= _BANDS[-1][0]).then(pl.lit(_ADULT))
    for end, name in reversed(_BANDS):
        band = pl.when(age < end).then(pl.lit(name)).otherwise(band)
    return pl.when(age >= 0).then(band)


def widened(band: str) -> str:
    return _WIDER.get(band, band)


def _day_of_year(date: pl.Expr) -> pl.Expr:
    """Of 29 February too: 229 stands between 228 and 301."""
    return date.dt.month().cast(pl.Int32) * 100 + date.dt.day()


def _date(text: pl.Expr) -> pl.Expr:
    return text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
