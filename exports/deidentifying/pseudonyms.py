"""Ids under other names: keyed, so that only who has the key can tell which id was meant."""

from __future__ import annotations

import hmac

import polars as pl

_DIGITS = 20
"""80 bits: among ten million ids two share a name once in twenty thousand million releases."""


class Pseudonyms:
    """HMAC-SHA256 of ids, cut short. Names given are remembered: make another for another batch."""

    def __init__(self, key: bytes) -> None:
        self._begun = hmac.new(key, digestmod="sha256")
        self._known: dict[str, str] = {}

    def of(self, id_: str) -> str:
        """The same for an id wherever it stands; it begins with a letter, so it is no number."""
        known = self._known.get(id_)
        if known is None:
            digest = self._begun.copy()
            digest.update(id_.encode())
            known = self._known[id_] = f"p{digest.hexdigest()[:_DIGITS]}"
        return known

    def of_all(self, ids: pl.Series) -> pl.Series:
        """Blank ids stay blank."""
        named = [self.of(id_) if id_ else None for id_ in ids.to_list()]
        return pl.Series(ids.name, named, dtype=pl.String)
