"""The formats by name. Adding one is adding a module to `writers` and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exports.tables import Dataset
from exports.writers import csv, dta, geojson, gpkg, ndjson, parquet, sav, xlsx

Write = Callable[[Dataset, Path], list[Path]]
"""Writes the files of a dataset into a folder and returns them."""


@dataclass(frozen=True, slots=True)
class Format:
    """How one is written.

    With `is_single` all tables of a dataset go into one file `.{suffix}`, the first that `write`
    returns; any other is named after it and holds what it cannot.
    With `of_codes` cells hold codes whatever the language: labels go beside them, in the columns.
    """

    write: Write
    suffix: str
    is_single: bool = False
    of_codes: bool = False


FORMATS: dict[str, Format] = {
    "csv": Format(csv.write, "csv"),
    "dta": Format(dta.write, "dta", of_codes=True),
    "geojson": Format(geojson.write, "geojson"),
    "gpkg": Format(gpkg.write, "gpkg", is_single=True),
    "ndjson": Format(ndjson.write, "ndjson", is_single=True),
    "parquet": Format(parquet.write, "parquet"),
    "sav": Format(sav.write, "sav", of_codes=True),
    "xlsx": Format(xlsx.write, "xlsx", is_single=True),
}
