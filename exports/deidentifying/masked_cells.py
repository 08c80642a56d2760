"""The cells of rows as they go out, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from exports.deidentifying.codes import chosen, coarse_ethnicity
from exports.deidentifying.grids import coordinate
from exports.deidentifying.links import COMMUNE
from exports.deidentifying.masking import MaskedColumn
from exports.deidentifying.persons import MaskedRows
from exports.deidentifying.pseudonyms import Pseudonyms
from forms.sensitivity import Sensitivity as Kind

_MONTH = r"^(\d{4}-\d{2})(-|$)"


@dataclass(frozen=True, slots=True)
class Writing:
    """Rows, what each may keep, the cells of the grid that may be told, and names for ids."""

    rows: MaskedRows
    fates: pl.DataFrame
    cells: Sequence[frozenset[str]]
    pseudonyms: Pseudonyms

    def write(self) -> pl.DataFrame:
        """All rows, also those that are left out."""
        columns = self.rows.masked.columns
        return pl.DataFrame(self._made(c).alias(c.column.heading) for c in columns)

    def source(self, masked: MaskedColumn) -> pl.Series:
        return self.rows.frame.get_column(masked.source.heading)

    def _made(self, masked: MaskedColumn) -> pl.Series:
        make = _MAKERS.get(masked.kind)
        return make(self, masked) if make else self.source(masked)


def _pseudonym(writing: Writing, masked: MaskedColumn) -> pl.Series:
    return writing.pseudonyms.of_all(writing.source(masked))


def _month(writing: Writing, masked: MaskedColumn) -> pl.Series:
    return writing.source(masked).str.extract(_MONTH)


def _ethnicity(writing: Writing, masked: MaskedColumn) -> pl.Series:
    return coarse_ethnicity(writing.source(masked), masked.source, writing.rows.language)


def _band(writing: Writing, _: MaskedColumn) -> pl.Series:
    band = writing.fates.get_column("new_band")
    return _where(band, band != "")


def _sex(writing: Writing, masked: MaskedColumn) -> pl.Series:
    return _where(writing.source(masked), writing.fates.get_column("has_sex"))


def _group(writing: Writing, masked: MaskedColumn) -> pl.Series:
    groups = writing.rows.groups[masked.source.heading]
    if masked.column.choice:
        groups = chosen(groups, masked.source, masked.column.choice)
    return _where(groups, writing.fates.get_column("has_group"))


def _commune(writing: Writing, masked: MaskedColumn) -> pl.Series:
    """Of a repeat it is its submission's, so that one submission names one commune."""
    rows = writing.rows
    is_repeat = bool(rows.masked.source.name)
    cells = rows.told.get_column(COMMUNE) if is_repeat else writing.source(masked)
    return _where(cells, ~writing.fates.get_column("is_hidden"))


def _coordinate(writing: Writing, masked: MaskedColumn) -> pl.Series:
    pairs = enumerate(writing.rows.masked.positions())
    number, north = next((n, pair[0]) for n, pair in pairs if masked.source in pair)
    found, allowed = writing.rows.positions[number], writing.cells[number]
    return coordinate(found, allowed, is_north=masked.source is north)


_MAKERS: Mapping[Kind, Callable[[Writing, MaskedColumn], pl.Series]] = {
    Kind.ID: _pseudonym,
    Kind.DATE: _month,
    Kind.DAY: _month,
    Kind.ETHNICITY: _ethnicity,
    Kind.AGE: _band,
    Kind.BIRTH_DATE: _band,
    Kind.SEX: _sex,
    Kind.GROUP: _group,
    Kind.COMMUNE: _commune,
    Kind.LOCATION: _coordinate,
}
"""What is in none of them is as it was answered."""


def _where(cells: pl.Series, is_kept: pl.Series) -> pl.Series:
    return cells.zip_with(is_kept, pl.repeat(None, cells.len(), dtype=pl.String, eager=True))
