"""What rows say of persons, and what of it they may keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from exports.deidentifying.ages import age_of, age_on, band_of
from exports.deidentifying.anonymity import Class, Plan
from exports.deidentifying.codes import open_groups
from exports.deidentifying.grids import cells
from exports.deidentifying.links import DAY, PLACE, Links
from exports.deidentifying.masking import MaskedTable
from exports.tables import Table
from forms.sensitivity import Sensitivity as Kind

_BETWEEN = "\x1f"
_FATES = {
    **dict.fromkeys(Class._fields, pl.String),
    "is_out": pl.Boolean,
    "has_sex": pl.Boolean,
    "has_group": pl.Boolean,
    "new_band": pl.String,
}


@dataclass(frozen=True, slots=True)
class MaskedRows:
    """Rows of one table in one batch; `classes` has the columns of Class, "" where blank.

    `groups` are the cells of the columns of groups, by heading; `positions` are cells of the grid.
    """

    masked: MaskedTable
    frame: pl.DataFrame
    told: pl.DataFrame
    language: str
    groups: Mapping[str, pl.Series]
    classes: pl.DataFrame
    positions: Sequence[pl.Series]

    def fates(self, plan: Plan | None, hidden: frozenset[str]) -> pl.DataFrame:
        """What each row may keep; one of a class that was never counted may not go out."""
        is_hidden = pl.col("place").is_in(list(hidden)).alias("is_hidden")
        if plan is None:
            kept = {"has_sex": True, "has_group": True, "is_out": False}
            literals = [pl.lit(value).alias(name) for name, value in kept.items()]
            return self.classes.with_columns(is_hidden, pl.col("band").alias("new_band"), *literals)
        decided = pl.DataFrame(list(_iter_fates(plan)), schema=_FATES, orient="row")
        joined = self.classes.join(decided, on=Class._fields, how="left", maintain_order="left")
        is_out = pl.col("is_out").fill_null(value=True)
        return joined.with_columns(is_hidden, is_out)


def read_rows(masked: MaskedTable, table: Table, links: Links, language: str) -> MaskedRows:
    frame = table.frame
    told = links.tell(masked, table)
    groups = {
        column.heading: open_groups(frame.get_column(column.heading), column, language)
        for column in masked.of_kind(Kind.GROUP)
    }
    place = told.get_column(PLACE).fill_null("")
    classes = pl.DataFrame(
        {
            "place": place,
            "sex": _joined([frame.get_column(c.heading) for c in masked.of_kind(Kind.SEX)], place),
            "band": _band(masked, frame, told),
            "group": _joined(list(groups.values()), place),
        }
    )
    positions = [
        cells(frame.get_column(north.heading), frame.get_column(east.heading), place)
        for north, east in masked.positions()
    ]
    return MaskedRows(masked, frame, told, language, groups, classes, positions)


def _band(masked: MaskedTable, frame: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    day = told.get_column(DAY).alias(f"{_BETWEEN}{DAY}")
    ages = [
        age_on(pl.col(column.heading), pl.col(day.name))
        if column in masked.of_kind(Kind.BIRTH_DATE)
        else age_of(pl.col(column.heading))
        for column in masked.ages()
    ]
    if not ages:
        return _joined([], day)
    return frame.with_columns(day).select(band_of(pl.coalesce(ages)).fill_null("")).to_series()


def _joined(columns: Sequence[pl.Series], like: pl.Series) -> pl.Series:
    """All cells of a row as one text, "" if all are blank."""
    if not columns:
        return pl.repeat("", like.len(), dtype=pl.String, eager=True)
    named = pl.DataFrame(c.fill_null("").alias(str(i)) for i, c in enumerate(columns))
    text = pl.concat_str(pl.all(), separator=_BETWEEN).str.strip_chars_end(_BETWEEN)
    return named.select(text).to_series()


def _iter_fates(plan: Plan) -> Iterator[tuple[str | bool, ...]]:
    for class_, published in plan.published.items():
        if published is None:
            yield (*class_, True, False, False, "")
        else:
            has_sex = published.sex == class_.sex
            has_group = published.group == class_.group
            yield (*class_, False, has_sex, has_group, published.band)
