"""The logs of filling that phones send (`meta/audit`), as one table (central-api.md §11)."""

from __future__ import annotations

import csv
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from io import StringIO

_COLUMNS = (
    *("event", "node", "start", "end", "latitude", "longitude", "accuracy"),
    *("old-value", "new-value", "user", "change-reason"),
)
_LONGEST = 1 << 20


def _line(cells: Iterable[str]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


HEADING = _line(("instance ID", *_COLUMNS))


def audit_rows(instance_id: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of one log, whatever the order of its columns; it ends where it is no CSV."""
    reader = csv.reader(_lines(pieces))
    try:
        names = next(reader, [])
        for row in reader:
            known = dict(zip(names, row, strict=False))
            yield _line((instance_id, *(known.get(name, "") for name in _COLUMNS)))
    except csv.Error:
        return


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Lines with their ends; no longer one is held than a log has."""
    decoder = getincrementaldecoder("utf-8-sig")("replace")
    held = ""
    for piece in pieces:
        held += decoder.decode(piece)
        *lines, held = held.split("\n")
        yield from (f"{line}\n" for line in lines)
        if len(held) > _LONGEST:
            return
    if held:
        yield held
