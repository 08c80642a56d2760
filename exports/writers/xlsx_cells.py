"""How an answer becomes a cell: of its type where the cell holds it exactly, else text.

A moment with an offset is shown in the dataset's zone, one without as it stands; a time of day
keeps the clock that was read. The text as it was sent is in the CSV.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import polars as pl

from exports.values import is_exact_number
from exports.writers.xlsx_text import escaped

_DAY = r"(19[1-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,3})?)?"  # a cell holds milliseconds
_OFFSET = r"(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
_EPOCH = datetime(1899, 12, 30)  # day 0; day 60 is one that never was, long before 1910
_DAY_MS = 86_400_000
_DATE = "dd/mm/yyyy"
Format = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Styles:
    """The numbers of a workbook's cell formats; `values` are those of numbers and days, by type."""

    heading: int
    text: int
    wrapped: int
    values: Mapping[str, int]

    @classmethod
    def of(cls, workbook: Any) -> Styles:
        """For reading on a screen, and by programs."""
        heading = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDEBF7"}
        shown = {"date": _DATE, "dateTime": f"{_DATE} hh:mm:ss", "time": "hh:mm:ss"}
        return cls._added(workbook, heading, {}, shown)

    @classmethod
    def of_print(cls, workbook: Any) -> Styles:
        """With lines between the cells, and thousands set apart (not those of a `year`)."""
        lines = {"border": 1, "border_color": "#BFBFBF", "valign": "top"}
        heading = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center"}
        shown = {
            "int": "#,##0",
            "decimal": "#,##0.##########",
            "year": "0",
            "date": _DATE,
            "dateTime": f"{_DATE} hh:mm",
            "time": "hh:mm",
        }
        return cls._added(workbook, heading | lines | {"bg_color": "#DDEBF7"}, lines, shown)

    @classmethod
    def _added(
        cls, workbook: Any, heading: Format, cell: Format, shown: Mapping[str, str]
    ) -> Styles:
        # xlsxwriter numbers a format when a cell first uses it; our cells it never sees.
        def add(look: Format) -> int:
            return int(workbook.add_format(look)._get_xf_index())

        text, number = {"num_format": "@"}, {"align": "center"} if cell else {}
        return cls(
            add({**heading, **text}),
            add({**cell, **text}),
            add({**cell, **text, "text_wrap": True}),
            {
                type_: add({**cell, **number, "num_format": format_})
                for type_, format_ in shown.items()
            },
        )


def value_of(text: pl.Expr, type_: str, tz: tzinfo) -> pl.Expr | None:
    """The number in the cell as text, null where the answer is none; None for a type of text.

    Besides the types of binds there is `year`, a whole number.
    """
    match type_:
        case "int" | "decimal" | "year":
            return _number(text)
        case "date":
            return _date(text)
        case "dateTime":
            return _moment(text, tz)
        case "time":
            return _time(text)
    return None


def number_cell(value: pl.Expr, type_: str, place: pl.Expr, styles: Styles) -> pl.Expr:
    """The XML of a cell of such a type, null where there is no value."""
    style = styles.values.get(type_)
    styled = f' s="{style}"' if style else ""
    return pl.format(f'<c r="{{}}"{styled}><v>{{}}</v></c>', place, value)


def text_cell(text: pl.Expr, place: pl.Expr, style: int, *, is_strange: bool) -> pl.Expr:
    """The XML of a cell of text, null where there is none.

    Without `is_strange` the text is taken as it is, and spaces at its ends would be lost.
    """
    space = ' xml:space="preserve"' if is_strange else ""
    pattern = f'<c r="{{}}" s="{style}" t="inlineStr"><is><t{space}>{{}}</t></is></c>'
    return pl.format(pattern, place, escaped(text) if is_strange else text)


def _number(text: pl.Expr) -> pl.Expr:
    return pl.when(is_exact_number(text)).then(text)


def _date(text: pl.Expr) -> pl.Expr:
    day = _matching(text, rf"^{_DAY}$").str.to_date("%Y-%m-%d", strict=False)
    return (day - pl.lit(_EPOCH.date())).dt.total_days().cast(pl.String)


def _moment(text: pl.Expr, tz: tzinfo) -> pl.Expr:
    known = _with_seconds(_matching(text, rf"^{_DAY}T{_CLOCK}{_OFFSET}?$"))
    has_offset = known.str.contains(rf"{_OFFSET}$")
    moment = (
        pl.when(has_offset)
        .then(known)
        .otherwise(known + "Z")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="ms", strict=False)
    )
    here = moment.dt.convert_time_zone(str(tz)).dt.replace_time_zone(None)
    clock = pl.when(has_offset).then(here).otherwise(moment.dt.replace_time_zone(None))
    return _days((clock - pl.lit(_EPOCH)).dt.total_milliseconds())


def _time(text: pl.Expr) -> pl.Expr:
    known = _with_seconds(_matching(text, rf"^{_CLOCK}{_OFFSET}?$"))
    clock = known.str.replace(rf"{_OFFSET}$", "").str.to_time("%H:%M:%S%.f", strict=False)
    return _days(clock.cast(pl.Int64) // 1_000_000)


def _with_seconds(text: pl.Expr) -> pl.Expr:
    """`07:30+07:00` as `07:30:00+07:00`."""
    return text.str.replace(r"(^|T)([0-9]{2}:[0-9]{2})(Z|[+-].*)?$", "${1}${2}:00${3}")


def _days(milliseconds: pl.Expr) -> pl.Expr:
    return (milliseconds / _DAY_MS).cast(pl.String)


def _matching(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text)
