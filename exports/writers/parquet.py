"""Parquet for programs: a file for each table, columns of their type, every answer as text too."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from exports.tables import Column, Dataset, TableHead, cover_lines
from exports.values import DTYPES, value_of
from exports.writers.csv import table_file_name
from exports.writers.spool import spooled

TEXT = "__text"
METADATA = "phieu"
_ROW_GROUP = 20_000


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """`{form}.parquet` and `{form}-{repeat}.parquet`: the same columns whatever was answered."""
    paths = [folder / f"{table_file_name(dataset.name, h)}.parquet" for h in dataset.heads]
    with spooled(dataset.heads, dataset.batches(), folder) as tables:
        for path, head, rows in zip(paths, dataset.heads, tables, strict=True):
            rows.select(_columns(head, dataset)).sink_parquet(
                path,
                compression="zstd",
                row_group_size=_ROW_GROUP,
                maintain_order=True,
                metadata={METADATA: _description(head, dataset)},
            )
    return paths


def column_names(head: TableHead) -> list[tuple[str, str]]:
    """Each column's name and that of its text, empty where the column itself is text."""
    taken: set[str] = set()
    names = [_unique(column.id, taken) for column in head.columns]
    return [
        (name, _unique(f"{name}{TEXT}", taken) if column.type in DTYPES else "")
        for column, name in zip(head.columns, names, strict=True)
    ]


def _unique(name: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}~{count}"
    taken.add(found)
    return found


def _columns(head: TableHead, dataset: Dataset) -> list[pl.Expr]:
    columns = []
    for column, (name, twin) in zip(head.columns, column_names(head), strict=True):
        text = pl.col(column.heading)
        if twin:
            value = value_of(text, column.type, dataset.tz)
            columns += [value.alias(name), text.alias(twin)]
        else:
            columns.append(text.alias(name))
    return columns


def _description(head: TableHead, dataset: Dataset) -> str:
    """What the file's own metadata say of it: the form, the questions and the codes' labels."""
    columns = [
        _column(column, name, twin)
        for column, (name, twin) in zip(head.columns, column_names(head), strict=True)
    ]
    about = {"form": dataset.name, "title": dataset.title, "table": head.name, "columns": columns}
    if cover := cover_lines(dataset):
        about["release"] = cover
    return json.dumps(about, ensure_ascii=False)


def _column(column: Column, name: str, twin: str) -> dict[str, object]:
    about = {
        "name": name,
        "text": twin,
        "type": column.type,
        "label": column.label or column.heading,
        "path": column.path,
        "codes": dict(column.codes),
        "is_multiple": column.is_multiple,
    }
    return {key: value for key, value in about.items() if value}
