"""What rows of a batch have from the rows above them: the day, the commune, and being left out."""

from __future__ import annotations

import polars as pl

from exports.deidentifying.masking import MaskedTable
from exports.tables import Table
from forms.sensitivity import Sensitivity as Kind

DAY, PLACE, COMMUNE = "day", "place", "commune"
_KEY, _PARENT = "key", "parent"
_BETWEEN = "\x1f"
_GIVEN = (DAY, PLACE, COMMUNE)


class Links:
    """Of one batch: tables are told in the order of their heads, parents before children.

    `place` is all that the form's row says of its commune, `commune` what its repeats are given.
    """

    def __init__(self) -> None:
        self._known: list[pl.DataFrame] = []
        self._out: list[pl.Series] = []

    def tell(self, masked: MaskedTable, table: Table) -> pl.DataFrame:
        """Day, place and commune of each row, null where nothing is known."""
        frame = table.frame
        days = [_cells(c.heading) for c in masked.of_kind(Kind.DAY)]
        if masked.source.name:
            above = self._above(masked, frame)
            own = _made(frame, pl.coalesce([*days, pl.lit(None, pl.String)]).alias(DAY))
            told = above.with_columns(pl.coalesce(own.get_column(DAY), pl.col(DAY)).alias(DAY))
        else:
            told = _made(frame, _day(masked, days), _place(masked), _commune(masked))
        key = masked.find_system("KEY")
        if key is not None and frame.height:
            keys = frame.get_column(key.heading).alias(_KEY)
            self._known.append(told.select(keys, *_GIVEN).drop_nulls(_KEY))
        return told

    def leave_out(self, masked: MaskedTable, table: Table, is_out: pl.Series) -> pl.Series:
        """The rows that do not go out: those of a row above that does not, too."""
        parent, key = masked.find_system("PARENT_KEY"), masked.find_system("KEY")
        if parent is not None and self._out:
            gone = pl.concat(self._out)
            is_out = is_out | table.frame.get_column(parent.heading).is_in(gone.implode())
        is_out = is_out.fill_null(value=False)
        if key is not None and is_out.any():
            self._out.append(table.frame.get_column(key.heading).filter(is_out).alias(_KEY))
        return is_out

    def _above(self, masked: MaskedTable, frame: pl.DataFrame) -> pl.DataFrame:
        parent = masked.find_system("PARENT_KEY")
        if parent is None or not self._known:
            return _made(frame, *(pl.lit(None, pl.String).alias(name) for name in _GIVEN))
        known = pl.concat(self._known).unique(_KEY, keep="first")
        parents = frame.select(pl.col(parent.heading).alias(_PARENT))
        joined = parents.join(
            known, left_on=_PARENT, right_on=_KEY, how="left", maintain_order="left"
        )
        return joined.select(_GIVEN)


def _made(frame: pl.DataFrame, *columns: pl.Expr) -> pl.DataFrame:
    """As `select`, but as high as the frame even where all are literals."""
    return frame.with_columns(*columns).select(c.meta.output_name() for c in columns)


def _day(masked: MaskedTable, days: list[pl.Expr]) -> pl.Expr:
    """The day that the form says, else that of receipt."""
    received = masked.find_system("SubmissionDate")
    texts = [*days, *([_cells(received.heading)] if received else ()), pl.lit(None, pl.String)]
    return pl.coalesce(texts).alias(DAY)


def _place(masked: MaskedTable) -> pl.Expr:
    cells = [_cells(c.heading).fill_null("") for c in masked.of_kind(Kind.COMMUNE)]
    return (
        pl.concat_str([pl.lit(""), *cells], separator=_BETWEEN)
        .str.strip_chars(_BETWEEN)
        .alias(PLACE)
    )


def _commune(masked: MaskedTable) -> pl.Expr:
    cells = [_cells(c.heading) for c in masked.of_kind(Kind.COMMUNE)]
    return pl.coalesce([*cells, pl.lit(None, pl.String)]).alias(COMMUNE)


def _cells(heading: str) -> pl.Expr:
    """What was answered; an empty text is no answer."""
    return pl.when(pl.col(heading) != "").then(pl.col(heading))
