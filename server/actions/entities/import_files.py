"""Read the CSV file of an import: UTF-8, or an old spreadsheet in TCVN3 with groups of 2004."""

from __future__ import annotations

import csv
import hashlib
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from pathlib import Path

from exports.formulas import undo_text
from forms.tcvn3 import decode_tcvn3, is_like_tcvn3
from server.actions.entities.groups_2004 import Left, map_groups
from server.errors import EntityFileRefused
from server.queries.datasets import DatasetFacts

_NAME, LABEL = "name", "label"
_GROUPS = "sc_open"
_OURS = ("__id", "__version", "__createdAt", "__creatorId", "__creatorName", "__updates")
"""Columns of our own exports that say nothing new."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """How the file was written. `has_old_groups`: sc_open has groups of the law of 2004."""

    is_tcvn3: bool = False
    has_old_groups: bool = False


AS_IT_IS = Reading()
OLD_SPREADSHEET = Reading(is_tcvn3=True, has_old_groups=True)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file, and which of its groups were not taken over.

    `is_named`: the file gave the uuid; else it comes from all that the line says.
    """

    line: int
    uuid: str
    label: str
    data: dict[str, str]
    left: tuple[Left, ...] = ()
    is_named: bool = True


@contextmanager
def opened(path: Path, facts: DatasetFacts, reading: Reading) -> Iterator[Iterator[Row]]:
    """Raise EntityFileRefused for another encoding, other columns, rows of another width."""
    encoding = "latin-1" if reading.is_tcvn3 and not _is_utf8(path) else "utf-8-sig"
    try:
        with path.open(encoding=encoding, newline="") as file:
            lines = map(decode_tcvn3, file) if reading.is_tcvn3 else _refusing_tcvn3(file, path)
            yield _rows(lines, path, facts, reading)
    except UnicodeDecodeError as error:
        raise refused(path, _what_encoding(path)) from error
    except csv.Error as error:  # a cell without an end, or longer than any answer
        raise refused(path, "entity_unreadable") from error


def refused(path: Path, subject: str, **details: object) -> EntityFileRefused:
    return EntityFileRefused(subject=subject, file=path.name, **details)


def _rows(lines: Iterable[str], path: Path, facts: DatasetFacts, reading: Reading) -> Iterator[Row]:
    rest = iter(lines)
    first = next(rest, "")
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(chain([first], rest), delimiter=delimiter)
    header = [_plain(cell) for cell in next(reader, [])]
    columns = _check_header(header, path, facts)
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise refused(path, "entity_cells", line=reader.line_num, count=len(header))
        values = {name: _plain(cells[at]) for name, at in columns.items()}
        left: Sequence[Left] = ()
        if reading.has_old_groups and _GROUPS in values:
            values[_GROUPS], left = map_groups(values[_GROUPS])
        label, name = values.pop(LABEL), values.pop(_NAME, "")
        data = {property_: text for property_, text in values.items() if text}
        own = name.lower().removeprefix("uuid:")
        uuid_ = own or _uuid_of(facts, label, data)
        yield Row(reader.line_num, uuid_, label, data, tuple(left), is_named=bool(own))


def _plain(cell: str) -> str:
    """As it was before our exports made it inert; letters in one spelling (NFC)."""
    return undo_text(unicodedata.normalize("NFC", cell.replace("\0", "").strip()))


def _check_header(header: Sequence[str], path: Path, facts: DatasetFacts) -> dict[str, int]:
    known = [_NAME, LABEL, *(p.name for p in facts.properties)]
    for at, name in enumerate(header):
        if not name:
            raise refused(path, "entity_column_unnamed", number=at + 1)
        if name in header[:at]:
            raise refused(path, "entity_column_twice", column=name)
        if name not in known and name not in _OURS:
            near = ", ".join(get_close_matches(name, known, 1)) or ", ".join(known)
            raise refused(path, "entity_column", column=name, list=facts.name, expected=near)
    if LABEL not in header:
        raise refused(path, "entity_no_label")
    return {name: at for at, name in enumerate(header) if name in known}


def _uuid_of(facts: DatasetFacts, label: str, data: Mapping[str, str]) -> str:
    """The same for the same row, so that a file may be imported again."""
    text = repr((facts.project_id, facts.name, label, sorted(data.items())))
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def _refusing_tcvn3(lines: Iterable[str], path: Path) -> Iterator[str]:
    """A program that took TCVN3 for Latin has saved it as UTF-8: nothing else shows it."""
    for line in lines:
        if is_like_tcvn3(line):
            raise refused(path, "entity_tcvn3")
        yield line


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(_BLOCK):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _what_encoding(path: Path) -> str:
    with path.open("rb") as file:
        is_old = any(is_like_tcvn3(line.decode("latin-1")) for line in file)
    return "entity_tcvn3" if is_old else "entity_encoding"
