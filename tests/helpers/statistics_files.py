"""SPSS and Stata files, read by pyreadstat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from tests.helpers.batches import stands_for

READERS = {".sav": pyreadstat.read_sav, ".dta": pyreadstat.read_dta}


@dataclass(frozen=True, slots=True)
class StatisticsFile:
    """`meta` is pyreadstat's."""

    frame: pl.DataFrame
    meta: Any

    @classmethod
    def read(cls, path: Path) -> StatisticsFile:
        return cls(*READERS[path.suffix](path, output_format="polars"))

    def columns(self) -> dict[str, pl.Series]:
        """The variables by what their labels begin with: the column's own name and its note."""
        labels = self.meta.column_labels
        return {
            label.partition(": ")[0]: self.frame[name]
            for name, label in zip(self.frame.columns, labels, strict=True)
        }

    def labels(self, name: str) -> dict[Any, str]:
        return self.meta.variable_value_labels.get(name, {})


def is_answer(found: object, beside: object, text: str | None, labels: dict[Any, str]) -> bool:
    """Whether a row's variable, or the text beside it, is the answer."""
    if text is None:
        return found in (None, "") and not beside
    if found is None:
        return beside == text
    if isinstance(found, str):
        return found == text
    return stands_for(found, text) or labels.get(found, "").endswith(f" [{text}]")
