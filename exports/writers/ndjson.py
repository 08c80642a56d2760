"""NDJSON for programs: a line for each submission, its repeats in it as arrays.

A number is one where its characters are those of the answer and every reader holds it; all else is
a string, null where nothing was answered.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, starmap
from pathlib import Path

import polars as pl

from exports.names import file_name
from exports.tables import Column, Dataset, Table, TableHead
from exports.values import is_exact_number
from exports.writers.nesting import find_parents, system_column

_NUMBERS = ("int", "decimal")
_LINE_ENDS = ["\x85", "\u2028", "\u2029"]  # to some readers
_ESCAPED = [json.dumps(character)[1:-1] for character in _LINE_ENDS]

_Rows = dict[str, list[str]]


def write(dataset: Dataset, folder: Path) -> list[Path]:
    """One file, `{form}.ndjson`, UTF-8; a batch holds whole submissions."""
    path = folder / f"{file_name(dataset.name)}.ndjson"
    shapes = _shapes(dataset.heads)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for batch in dataset.batches():
            file.writelines(f"{line}\n" for line in _lines(batch, shapes))
    return [path]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a table's objects are made of. `array` is what they are called in the row above.

    `inner` are the tables that have an array in every row, also an empty one.
    """

    fields: tuple[tuple[Column, str], ...]
    key: str | None
    parent_key: str | None
    array: str
    inner: frozenset[int]


def _shapes(heads: Sequence[TableHead]) -> list[_Shape]:
    parents = find_parents(heads)
    names = [_unique([c.id for c in head.columns]) for head in heads]
    taken = {name for of_table in names for name in of_table}
    return [
        _Shape(
            tuple(zip(head.columns, names[at], strict=True)),
            key=system_column(head, "KEY"),
            parent_key=system_column(head, "PARENT_KEY"),
            array=f"{head.name}~" if head.name in taken else head.name,
            inner=frozenset(i for i, parent in enumerate(parents) if parent == at),
        )
        for at, head in enumerate(heads)
    ]


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen[name] = seen.get(name, 0) + 1
        unique.append(name if count == 1 else f"{name}~{count}")
    return unique


def _lines(batch: Sequence[Table], shapes: Sequence[_Shape]) -> list[str]:
    """The form's rows; tables are taken from the innermost on, a row into that of its key."""
    under: list[_Rows] = [{} for _ in shapes]
    for at in range(len(shapes) - 1, 0, -1):
        rows: _Rows = defaultdict(list)
        frame = batch[at].frame
        if frame.height:
            keys = frame[shapes[at].parent_key or ""]
            for key, row in zip(keys, _rows(at, frame, shapes, under), strict=True):
                rows[key].append(row)
        under[at] = rows
    return list(_rows(0, batch[0].frame, shapes, under))


def _rows(
    at: int, frame: pl.DataFrame, shapes: Sequence[_Shape], under: Sequence[_Rows]
) -> Iterator[str]:
    shape = shapes[at]
    answers = _answers(frame, shape)
    inner = [i for i in range(at + 1, len(shapes)) if under[i] or i in shape.inner]
    if not inner or shape.key is None:
        yield from (f"{{{row}}}" for row in answers)
        return
    opened = [(f",{_quoted(shapes[i].array)}:[", under[i], i in shape.inner) for i in inner]
    for key, row in zip(frame[shape.key], answers, strict=True):
        arrays = [
            f"{start}{','.join(rows.get(key, ()))}]"
            for start, rows, always in opened
            if always or key in rows
        ]
        yield f"{{{row}{''.join(arrays)}}}"


def _answers(frame: pl.DataFrame, shape: _Shape) -> pl.Series:
    """The members of each row's object, without what is nested in it."""
    members = [
        member
        for is_number, run in groupby(shape.fields, lambda field: field[0].type in _NUMBERS)
        for member in (starmap(_number, run) if is_number else [_strings(list(run))])
    ]
    row = pl.concat_str(members, separator=",")
    return frame.select(row.str.replace_many(_LINE_ENDS, _ESCAPED).alias("row"))["row"]


def _strings(fields: Sequence[tuple[Column, str]]) -> pl.Expr:
    struct = pl.struct(pl.col(column.heading).alias(name) for column, name in fields)
    return struct.struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")


def _number(column: Column, name: str) -> pl.Expr:
    text = pl.col(column.heading)
    string = _strings([(column, name)])
    start = pl.lit(f"{_quoted(name)}:")
    return pl.when(is_exact_number(text)).then(pl.concat_str(start, text)).otherwise(string)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
