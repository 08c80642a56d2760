"""A filter once it is understood: comparisons of fields that are there, of kinds that go together.

Whatever has no field in it is decided already (`Known`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


class Operator(StrEnum):
    """How two operands are compared."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"


class Function(StrEnum):
    """A part of a time, in UTC."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


Value = str | int | float | datetime | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal. As `text` it was written, by which it is compared with texts."""

    value: Value
    text: str

    @property
    def kind(self) -> Kind | None:
        """None of null, which goes with every kind."""
        match self.value:
            case None:
                return None
            case str():
                return Kind.TEXT
            case datetime():
                return Kind.TIME
        return Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name in OData: `__system/createdAt`."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a field that holds a time."""

    function: Function
    of: Field

    @property
    def kind(self) -> Kind:
        return Kind.NUMBER


Operand = Constant | Field | Part


@dataclass(frozen=True, slots=True)
class Known:
    """What is true of all rows, or of none."""

    value: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field beside a constant of its kind, or beside another field."""

    operator: Operator
    left: Field | Part
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Conditions joined by `and`."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions joined by `or`."""

    parts: tuple[Condition, ...]


Condition = Known | Comparison | Not | All | AnyOf


def mentions(condition: Condition, name: str) -> bool:
    """Whether a field has any part in it."""
    match condition:
        case Comparison(_, left, right):
            return any(_name_of(operand) == name for operand in (left, right))
        case Not(of):
            return mentions(of, name)
        case All(parts) | AnyOf(parts):
            return any(mentions(part, name) for part in parts)
    return False


def _name_of(operand: Operand) -> str | None:
    match operand:
        case Field(name, _) | Part(_, Field(name, _)):
            return name
    return None
