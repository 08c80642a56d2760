"""`$search`: rows of a register in which all words are, somewhere in the label or a property."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, func, literal_column, or_

from server.models import Entity

_TOGETHER = 50
_BLANK: ColumnElement[str] = literal_column("''", String())
_GAP: ColumnElement[str] = literal_column("' '", String())


@dataclass(frozen=True, slots=True)
class Search:
    """Words, and the properties that may be looked into: not what the caller does not see."""

    words: tuple[str, ...]
    properties: tuple[str, ...]


def to_sql(search: Search) -> ColumnElement[bool]:
    blocks = [*_blocks(search.properties)]
    return and_(
        *(
            or_(*(block.icontains(word, autoescape=True) for block in blocks for word in spelt))
            for spelt in map(_spellings, search.words)
        )
    )


def _spellings(word: str) -> list[str]:
    """In other letter case too: the databases know no capital for sure but A to Z."""
    plain = unicodedata.normalize("NFC", word)
    spelt = (word, plain, plain.lower(), plain.upper(), plain.capitalize())
    return sorted({"".join(c.lower() if c.isascii() else c for c in one) for one in spelt})


def _blocks(properties: Sequence[str]) -> Iterator[Any]:
    """The label, and properties with a gap between them; few enough for SQLite at a time."""
    yield Entity.label
    for start in range(0, len(properties), _TOGETHER):
        values = [
            func.coalesce(Entity.data[name].as_string(), _BLANK)
            for name in properties[start : start + _TOGETHER]
        ]
        block: ColumnElement[Any] = values[0]
        for value in values[1:]:
            block = block.concat(_GAP).concat(value)
        yield func.coalesce(block, _BLANK, type_=String())
