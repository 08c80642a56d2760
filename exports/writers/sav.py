"""SPSS: a .sav for each table, with variable and value labels; too long text goes beside it."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from exports.tables import Dataset, TableHead
from exports.writers.long_texts import LongTexts
from exports.writers.stamps import fix_sav_stamp
from exports.writers.statistics import Variables
from exports.writers.variables import Program, cut, size_in_bytes
from exports.writers.whole import require_fits, write_whole

_RESERVED = "all and by eq ge gt le lt ne not or to with"
SPSS = Program(
    max_name=64,
    reserved=frozenset(_RESERVED.split()),
    size=size_in_bytes,
    max_label=255,
    max_title=64,
    max_value_label=120,
    max_text=32_767,
    earliest=date(1583, 1, 1),
    labels_text=True,
    number_format=lambda decimals: f"F18.{decimals}",
    formats={"date": "EDATE10", "dateTime": "DATETIME23.3", "time": "TIME12.3"},
)


def write(dataset: Dataset, folder: Path) -> list[Path]:
    long_texts = LongTexts(dataset, folder, SPSS.max_text or 0)
    paths = write_whole(dataset, folder, "sav", partial(_write_table, dataset, long_texts))
    return [*paths, *long_texts.files()]


def _write_table(
    dataset: Dataset, long_texts: LongTexts, head: TableHead, frame: pl.DataFrame, path: Path
) -> None:
    import pyreadstat  # noqa: PLC0415  (it brings numpy: half a second at every start)

    frame = long_texts.put_aside(head, frame)
    variables = Variables(SPSS, dataset.tz, dataset.language).of(head, frame)
    values = pl.DataFrame({v.name: v.values for v in variables})
    require_fits(values, path)
    pyreadstat.write_sav(
        values,
        path,
        file_label=cut(dataset.title, SPSS.max_title, SPSS.size),
        column_labels=[v.label for v in variables],
        variable_value_labels={v.name: v.labels for v in variables if v.labels},
        variable_format={v.name: v.format for v in variables if v.format},
        row_compress=True,
    )
    fix_sav_stamp(path)
