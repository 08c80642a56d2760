"""Read a list of editions, units, successions or villages that a person hands in as CSV."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from forms.tcvn3 import is_like_tcvn3
from server.errors import UnitFileRefused


class Kind(StrEnum):
    """What a file lists, in the order in which files are taken."""

    EDITIONS = "editions"
    UNITS = "units"
    SUCCESSIONS = "successions"
    VILLAGES = "villages"


HEADERS: dict[tuple[str, ...], Kind] = {
    ("edition", "valid_from", "valid_to", "legal_basis"): Kind.EDITIONS,
    ("edition", "code", "level", "name", "parent_code"): Kind.UNITS,
    (
        "from_edition",
        "from_code",
        "to_edition",
        "to_code",
        "date",
        "extent",
    ): Kind.SUCCESSIONS,
    ("code", "name", "commune_code", "legacy_commune_code"): Kind.VILLAGES,
    ("name", "label", "commune_code", "legacy_commune_code"): Kind.VILLAGES,  # as forms have it
}

_FORM_LIST = ("name", "label")
_OLD_COMMUNE = re.compile(r" \(cũ: [^()]*\)$")
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """One row, and where it stands, for what there is to say of it."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def refuse(self, subject: str, **details: object) -> UnitFileRefused:
        return UnitFileRefused(subject=subject, file=self.file, line=self.line, **details)


@dataclass(frozen=True, slots=True)
class UnitFile:
    """What a file lists, row by row."""

    kind: Kind
    rows: Sequence[Row]


def read_unit_file(name: str, content: bytes) -> UnitFile:
    """Raises UnitFileRefused for another encoding than UTF-8 and for other columns."""
    header, rows = read_rows(name, content, HEADERS)
    return UnitFile(HEADERS[header], [_village(r) for r in rows] if _is_form_list(header) else rows)


def read_rows(
    name: str, content: bytes, headers: Collection[tuple[str, ...]]
) -> tuple[tuple[str, ...], list[Row]]:
    """Which of the headers a CSV has, and its rows; raises UnitFileRefused."""
    text = _decode(name, content)
    first = text.split("\n", 1)[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    header = tuple(cell.strip() for cell in next(reader, []))
    if header not in headers:
        raise UnitFileRefused(
            subject="unit_columns",
            file=name,
            columns=", ".join(header),
            expected="; ".join(", ".join(columns) for columns in headers),
        )
    return header, list(_rows(name, header, reader))


def _rows(name: str, header: tuple[str, ...], reader: Iterator[list[str]]) -> Iterator[Row]:
    line = 1
    for cells in reader:
        start = line = line + 1
        if not any(cell.strip() for cell in cells):
            continue
        values = [" ".join(unicodedata.normalize("NFC", cell).split()) for cell in cells]
        row = Row(name, start, dict(zip(header, values, strict=False)))
        if len(cells) != len(header):
            raise row.refuse("unit_row")
        yield row


def _is_form_list(header: tuple[str, ...]) -> bool:
    return header[:2] == _FORM_LIST


def _village(row: Row) -> Row:
    """A form's list names the code `name`, and says the old commune in the label."""
    cells = {**row.cells, "code": row["name"], "name": _OLD_COMMUNE.sub("", row["label"])}
    return Row(row.file, row.line, cells)


def _decode(name: str, content: bytes) -> str:
    if content.startswith(_UTF16_MARKS) or b"\0" in content[:200]:
        raise _in(name, "UTF-16")
    try:
        text = content.removeprefix(_UTF8_MARK).decode()
    except UnicodeDecodeError as error:
        raise _in(name, _legacy_encoding(content)) from error
    if is_like_tcvn3(text):
        raise _in(name, "TCVN3")
    return text


def _legacy_encoding(content: bytes) -> str:
    return "TCVN3" if is_like_tcvn3(content.decode("latin-1")) else "Windows-1258"


def _in(name: str, encoding: str) -> UnitFileRefused:
    return UnitFileRefused(subject="unit_encoding", file=name, encoding=encoding)
