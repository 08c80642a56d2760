"""Remember what was read in one state of a project's catalogue (`Project.catalogue`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def remembered(read: Callable[[*Ts], T], *, size: int = 2048) -> Callable[[int | None, *Ts], T]:
    """The same question with the catalogue's mark before its arguments; None asks anew.

    Every change of what the answer depends on must call `touch_catalogue` in its transaction.
    """

    @lru_cache(maxsize=size)
    def known(_catalogue: int, args: tuple[*Ts]) -> T:
        return read(*args)

    def ask(catalogue: int | None, /, *args: *Ts) -> T:
        return read(*args) if catalogue is None else known(catalogue, args)

    return ask
