"""The formats by name. Adding one is adding a module to `writers` and a line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from exports.tables import Dataset
from exports.writers import csv, xlsx

Write = Callable[[Dataset, Path], list[Path]]

FORMATS: dict[str, Write] = {
    "csv": csv.write,
    "xlsx": xlsx.write,
}
