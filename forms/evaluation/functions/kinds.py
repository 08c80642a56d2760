"""How a function is declared: what it does, and with how many arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forms.xpath import Expression

from ..frames import Compiled
from ..scopes import Scope
from ..values import Value


@dataclass(frozen=True, slots=True)
class Plain:
    """A function of values alone."""

    call: Callable[..., Value]
    least: int
    most: int | None = -1
    """None: as many as one likes; -1: as many as `least`."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A function of values that also asks the clock or the lists: the frame comes first."""

    call: Callable[..., Value]
    least: int
    most: int | None = -1


@dataclass(frozen=True, slots=True)
class Special:
    """A function that looks at its arguments' trees, or does not evaluate all of them."""

    compile: Callable[[tuple[Expression, ...], Scope], Compiled]
    least: int
    most: int | None = -1


Function = Plain | Framed | Special
