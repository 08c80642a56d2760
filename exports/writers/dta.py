"""Stata (14 and later): a .dta for each table, with variable and value labels."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from exports.tables import Dataset, TableHead
from exports.writers.stamps import fix_dta_stamp
from exports.writers.statistics import Variables
from exports.writers.variables import Program, cut
from exports.writers.whole import require_fits, write_whole

_VERSION = 14  # the format 118
_LONGEST = 2044  # bytes; pyreadstat makes a column with longer text a strL
_RESERVED = (
    "_all _b byte _coef _cons double float if in int long _n _pi _pred _rc _skip strl using with"
)
STATA = Program(
    max_name=28,  # 32, without what pyreadstat adds to make the name of a set of labels
    reserved=frozenset([*_RESERVED.split(), *(f"str{n}" for n in range(1, 2046))]),
    size=len,
    max_label=80,
    max_title=80,
    max_value_label=8_000,  # 32,000 bytes
    max_text=None,
    earliest=date(100, 1, 1),
    labels_text=False,
    number_format=lambda decimals: "%18.0g",
    formats={"date": "%td", "dateTime": "%tc", "time": "%tcHH:MM:SS"},
)


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """Long text needs no file beside it: it is a strL."""
    return write_whole(dataset, folder, "dta", partial(_write_table, dataset))


def _write_table(dataset: Dataset, head: TableHead, frame: pl.DataFrame, path: Path) -> None:
    import pyreadstat  # noqa: PLC0415  (it brings numpy: half a second at every start)

    variables = Variables(STATA, dataset.tz, dataset.language).of(head, frame)
    values = pl.DataFrame({v.name: v.values for v in variables})
    require_fits(values, path, longest=_LONGEST)
    pyreadstat.write_dta(
        values,
        path,
        version=_VERSION,
        file_label=cut(dataset.title, STATA.max_title, STATA.size),
        column_labels=[v.label for v in variables],
        variable_value_labels={v.name: v.labels for v in variables if v.labels},
        variable_format={v.name: v.format for v in variables if v.format},
    )
    fix_dta_stamp(path)
