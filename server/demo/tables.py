"""The tables people are drawn from, read once from data/*.toml."""

import tomllib
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Weighted:
    """Codes and the cumulative sum of their weights."""

    values: tuple[str, ...]
    cumulative: tuple[float, ...]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Self:
        return cls(tuple(weights), tuple(accumulate(weights.values())))

    def draw(self, rng: Random) -> str:
        return self.values[bisect(self.cumulative, rng.random() * self.cumulative[-1])]


def read_data(name: str) -> dict[str, Any]:
    return tomllib.loads((files("server.demo") / "data" / f"{name}.toml").read_text("utf-8"))


_PREVALENCES = read_data("prevalences")

SHARES: Mapping[str, float] = _PREVALENCES["shares"]
MISTAKES: Mapping[str, float] = _PREVALENCES["mistakes"]
PHRASES: Mapping[str, list[str]] = read_data("phrases")
TABLES: Mapping[str, Weighted] = {
    name: Weighted.of(weights)
    for name, weights in _PREVALENCES.items()
    if name not in ("shares", "mistakes")
}


def happens(rng: Random, share: str) -> bool:
    return rng.random() < SHARES[share]


def goes_wrong(rng: Random, mistake: str) -> bool:
    return rng.random() < MISTAKES[mistake]
