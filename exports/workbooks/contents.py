"""What a commune workbook is made of, besides the form's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exports.tables import Dataset
from forms.checking import Severity


@dataclass(frozen=True, slots=True)
class Commune:
    """`edition` is what it is called; `is_as_reported` where slips stay where they were reported.

    An empty code is what cannot be told.
    """

    code: str = ""
    name: str = ""
    edition: str = ""
    province: str = ""
    is_as_reported: bool = True


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding in a slip, in words; `path` numbers the repeats, as in `/rep_child[2]/dob`."""

    instance_id: str
    severity: Severity
    code: str
    text: str
    path: str = ""
    question: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do, in words; `where` is the village, `case_code` that of a case."""

    what: str
    at: datetime
    about: str
    list_name: str
    uuid: str
    case_code: str = ""
    where: str = ""
    responsible: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which submissions were asked for, in words."""

    received_from: datetime | None = None
    received_before: datetime | None = None
    review_states: Sequence[str] = ()
    with_deleted: bool = False
    is_own_part: bool = False
    """Only what whoever asked may see of the commune."""


@dataclass(frozen=True, slots=True)
class CommuneBook:
    """`asked` are the paths of questions that somebody answers; other fields are calculated.
    `repeats` are the labels of repeats by the names of their tables.

    `villages` are the commune's by code, `village_of` has the codes of slips by instanceID. `due`
    is None for a form that has nothing to do with children and cases, `due_note` the name of a text
    that says what is not in it. `changed_at` is the latest change of what is in the workbook.
    """

    dataset: Dataset
    commune: Commune
    asked: frozenset[str]
    repeats: Mapping[str, str] = field(default_factory=dict)
    villages: Mapping[str, str] = field(default_factory=dict)
    village_of: Mapping[str, str] = field(default_factory=dict)
    noted: Sequence[Noted] = ()
    due: Sequence[Due] | None = None
    due_note: str = ""
    changed_at: datetime | None = None
    filters: Filters = field(default_factory=Filters)

    def name_table(self, name: str) -> str:
        """What people call a table: the form's own has none."""
        return self.repeats.get(name, name) if name else self.dataset.title


@dataclass(frozen=True, slots=True)
class Tally:
    """What a workbook holds; `flagged` are the submissions with a finding that asks for a look.

    `children` is None for a form that we do not know to have them, `due` where nobody may say.
    """

    submissions: int = 0
    children: int | None = None
    findings: int = 0
    flagged: int = 0
    due: int | None = None

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.submissions + other.submissions,
            _plus(self.children, other.children),
            self.findings + other.findings,
            self.flagged + other.flagged,
            _plus(self.due, other.due),
        )


def _plus(one: int | None, other: int | None) -> int | None:
    known = [count for count in (one, other) if count is not None]
    return sum(known) if known else None
