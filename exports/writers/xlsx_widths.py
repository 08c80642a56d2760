"""How wide the columns of a sheet are: as its first rows and its headings need."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exports.tables import Column

_ROWS = 200
_NARROWEST, _WIDEST = 9, 45
_WIDEST_OF_HEADING = 22
_OF_TYPE = {"date": 11, "dateTime": 19, "time": 9}


class Widths:
    """Headings wrap, so that a long question over short answers does not widen the column."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._types = [column.type for column in columns]
        self._longest = [_heading_width(column.heading) for column in columns]
        self._seen = 0

    def look_at(self, frame: pl.DataFrame) -> None:
        for row in frame.head(_ROWS - self._seen).iter_rows():
            self._seen += 1
            for i, value in enumerate(row):
                if value is not None:
                    longest = max(map(len, value[: _WIDEST * 4].splitlines()), default=0)
                    width = _OF_TYPE.get(self._types[i], longest)
                    self._longest[i] = max(self._longest[i], width)

    def found(self) -> list[int]:
        return [min(max(longest + 1, _NARROWEST), _WIDEST) for longest in self._longest]


def _heading_width(heading: str) -> int:
    """Its longest word, or a third of the whole: two or three lines."""
    words = heading.split()
    longest = max(map(len, words), default=0)
    return min(max(longest, len(heading) // 3 + 2), _WIDEST_OF_HEADING)
