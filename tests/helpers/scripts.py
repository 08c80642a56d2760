"""What a person does on a phone, and what must then be in the export: one set of cells for both."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from exports.formulas import restore_text

Cells = dict[str, str]
SYSTEM = {
    "SubmissionDate",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "ReviewState",
    "DeviceID",
    "FormVersion",
    "commune",
}


def script(root: Cells, repeats: dict[str, list[Cells]] | None = None, **more: Any) -> dict:
    """The answers as paths. A key of `repeats` is a repeat's path, its rows are there to fill."""
    answers = _answers("", root)
    counts = {}
    for repeat, rows in (repeats or {}).items():
        counts[f"/data/{repeat}"] = len(rows)
        for number, row in enumerate(rows, 1):
            answers |= _answers(f"{repeat}[{number}]/", row)
    return {"answers": answers, "repeats": counts, **more}


def _answers(prefix: str, row: Cells) -> Cells:
    return {f"/data/{prefix}{column.replace('-', '/')}": text for column, text in row.items()}


def read_answers(folder: Path) -> dict[str, list[Cells]]:
    """Every table's rows as they were answered: no empty cell, no column of the server's own."""
    tables = {}
    for path in folder.glob("*.csv"):
        text = path.read_bytes().decode("utf-8-sig")
        tables[path.stem] = [
            {name: restore_text(cell) for name, cell in row.items() if cell and name not in SYSTEM}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]
    return tables


def point(column: str, text: str) -> Cells:
    """The four cells of a position."""
    parts = ("Latitude", "Longitude", "Altitude", "Accuracy")
    return {f"{column}-{part}": cell for part, cell in zip(parts, text.split(), strict=True)}


def without(row: Cells, *columns: str) -> Cells:
    return {name: text for name, text in row.items() if name not in columns}


def only(row: Cells, *columns: str) -> Cells:
    """Cells of which only the phone knows what is in them: moments, ids."""
    return {name: row[name] for name in columns}
