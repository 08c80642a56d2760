"""Exports as readers that are not ours find them, against the answers in the XML that was sent."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from pathlib import Path

import polars as pl
from python_calamine import CalamineWorkbook

from exports.formulas import restore_text
from tests.helpers.batches import TZ, stands_for
from tests.helpers.statistics_files import StatisticsFile, is_answer
from tests.helpers.tables import Cells, expected_rows

KEYS = {"KEY", "PARENT_KEY"}
SYSTEM = KEYS | {
    "SubmissionDate", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status",
    "ReviewState", "DeviceID", "FormVersion", "commune",
}  # fmt: skip
Is = Callable[[str | None], bool]
"""Whether what was read of one cell is that answer; None where there is none."""
Row = dict[str, Is]


def check_answers(found: Iterable[tuple[str, Row]], slips: Iterable[bytes], repeats: set[str]):
    """Every answer of every slip is there, under its question, and nothing else is."""
    sent = {key: cells for xml in slips for key, cells in _expected(xml, repeats)}
    rows = list(found)
    keys = sorted(key for key, _ in rows)
    assert keys == sorted(sent), (keys, sorted(sent))
    wrong = {
        (key, name): sent[key].get(name)
        for key, row in rows
        for name in row.keys() | sent[key].keys()
        if name not in KEYS and not row.get(name, _is_missing)(sent[key].get(name))
    }
    assert wrong == {}, wrong


def _expected(xml: bytes, repeats: set[str]) -> Iterator[tuple[str, Cells]]:
    row, children = expected_rows(xml, repeats=repeats)
    yield from ((cells["KEY"], cells) for cells in (row, *children))


def _is_missing(_answer: str | None) -> bool:
    return False


def _is_text(found: object, answer: str | None) -> bool:
    return (found or None) == answer


def _is_typed(found: object, answer: str | None) -> bool:
    """Of a cell that has a type, as in a workbook."""
    if found in (None, "") or isinstance(found, str):
        return _is_text(found, answer)
    if type(found) is date and answer and "T" in answer:  # calamine's of a moment at midnight
        found = datetime.combine(found, time.min)
    return answer is not None and stands_for(found, answer)


def _rows(
    names: Sequence[str], rows: Iterable[Sequence[object]], is_it: Callable[..., bool]
) -> Iterator[tuple[str, Row]]:
    for values in rows:
        row = dict(zip(names, values, strict=False))
        yield str(row["KEY"]), {n: partial(is_it, v) for n, v in row.items() if n not in SYSTEM}


def read_csv(path: Path) -> Iterator[tuple[str, Row]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    yield from _rows(header, (map(restore_text, row) for row in rows), _is_text)


def read_csv_by_polars(path: Path) -> Iterator[tuple[str, Row]]:
    frame = pl.read_csv(path, infer_schema=False)
    rows = ([restore_text(v) if v else v for v in row] for row in frame.iter_rows())
    yield from _rows(frame.columns, rows, _is_text)


def read_xlsx(path: Path) -> Iterator[tuple[str, Row]]:
    book = CalamineWorkbook.from_path(str(path))
    yield from read_sheets(book.get_sheet_by_name(n).to_python() for n in book.sheet_names)


def read_sheets(
    sheets: Iterable[Sequence[Sequence[object]]], *, of_text: bool = False
) -> Iterator[tuple[str, Row]]:
    """Those with data; `of_text` where every cell came as text."""
    for header, *rows in sheets:
        if "KEY" in header:
            plain = ([restore_text(str(v or "")) for v in row] for row in rows)
            names = [str(name or "") for name in header]
            yield from _rows(names, plain if of_text else rows, _is_text if of_text else _is_typed)


def read_parquet(path: Path) -> Iterator[tuple[str, Row]]:
    frame = pl.read_parquet(path)
    texts = {name.removesuffix("__text"): name for name in frame.columns}
    typed = {name.removesuffix("__text") for name in frame.columns if name.endswith("__text")}
    for row in frame.iter_rows(named=True):
        yield (
            row["KEY"],
            {
                name: partial(_is_beside, row[name], row[text])
                if name in typed
                else partial(_is_text, row[name])
                for name, text in texts.items()
                if name not in SYSTEM
            },
        )


def _is_beside(found: object, beside: str | None, answer: str | None) -> bool:
    """Of a typed column with the answer's own text beside it."""
    return beside == answer and (found is None or _is_value(found, answer or ""))


def _is_value(found: object, answer: str) -> bool:
    if isinstance(found, datetime) and found.tzinfo:  # without a zone it is the clock on the wall
        at = datetime.fromisoformat(answer)
        return found == (at if at.tzinfo else at.replace(tzinfo=TZ))
    return stands_for(found, answer) or (isinstance(found, float) and found == float(answer))


def read_statistics(path: Path) -> Iterator[tuple[str, Row]]:
    file = StatisticsFile.read(path)
    columns, names = file.columns(), _names_by_label(file)
    texts = {name: columns.get(f"{name} (nguyên văn)") for name in columns}
    for at, key in enumerate(columns["KEY"]):
        yield key, {
            name: partial(
                _is_in_statistics, values[at], text[at] if text is not None else None,
                file.labels(names[name]),
            )
            for name, values in columns.items()
            if name not in SYSTEM and not name.endswith(" (nguyên văn)")
            for text in (texts[name],)
        }  # fmt: skip


def _names_by_label(file: StatisticsFile) -> dict[str, str]:
    labels = file.meta.column_labels
    return {
        label.partition(": ")[0]: name
        for name, label in zip(file.frame.columns, labels, strict=True)
    }


def _is_in_statistics(
    found: object, beside: object, labels: dict[object, str], answer: str | None
) -> bool:
    """SPSS fills text up with spaces: those at its end are none of it."""
    is_exact = is_answer(found, beside, answer, labels)
    return is_exact or is_answer(found, beside, (answer or "").rstrip(" ") or None, labels)


def read_ndjson(path: Path) -> Iterator[tuple[str, Row]]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            yield from _nested(json.loads(line, parse_int=str, parse_float=str))


def _nested(row: Mapping[str, object]) -> Iterator[tuple[str, Row]]:
    answers = {n: v for n, v in row.items() if not isinstance(v, list)}
    yield from _rows([*answers], [[*answers.values()]], _is_text)
    for inner in row.values():
        if isinstance(inner, list):
            for each in inner:
                yield from _nested(each)


Reader = Callable[[Path], Iterator[tuple[str, Row]]]
READERS: tuple[tuple[str, Reader], ...] = (
    ("csv", read_csv),
    ("csv", read_csv_by_polars),
    ("dta", read_statistics),
    ("ndjson", read_ndjson),
    ("parquet", read_parquet),
    ("sav", read_statistics),
    ("xlsx", read_xlsx),
)
"""Each with its format."""


def read_all(read: Reader, paths: Iterable[Path]) -> Iterator[tuple[str, Row]]:
    for path in paths:
        yield from read(path)
