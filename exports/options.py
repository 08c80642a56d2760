"""What of an export's tables a person chooses, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Values(StrEnum):
    """What stands in the cell of a select."""

    CODES = "codes"
    LABELS = "labels"
    BOTH = "both"


class Split(StrEnum):
    """Whether a select of several gets a column for each choice, beside its own or instead."""

    NONE = "none"
    BOTH = "both"
    ONLY = "only"


class Layout(StrEnum):
    """Which columns stand around the answers and what stands in them: for people, or as Central."""

    PEOPLE = "people"
    CENTRAL = "central"


@dataclass(frozen=True, slots=True)
class Options:
    """How the tables look.

    `language` is a language of the form, by its code or name; headings are labels in it, and notes,
    which hold no answers, are left out. None leaves names, and every column that the form declares.
    `columns` are names of columns or groups (`g_hh-hh_size`, `g_hh`) in any table; empty means all.
    Without `older_fields` fields that the newest version has no more are left out.
    """

    language: str | None = None
    values: Values = Values.LABELS
    split: Split = Split.NONE
    group_prefixes: bool = True
    older_fields: bool = True
    columns: tuple[str, ...] = ()
    layout: Layout = Layout.PEOPLE

    @classmethod
    def of_central(
        cls, *, split: bool = False, group_prefixes: bool = True, older_fields: bool = False
    ) -> Options:
        """Central's tables (central-api.md §11): names and answers as they are, no language."""
        return cls(
            values=Values.CODES,
            split=Split.BOTH if split else Split.NONE,
            group_prefixes=group_prefixes,
            older_fields=older_fields,
            layout=Layout.CENTRAL,
        )

    @property
    def is_central(self) -> bool:
        return self.layout is Layout.CENTRAL

    def of_codes(self) -> Options:
        """The same with codes in the cells."""
        return replace(self, values=Values.CODES)

    @property
    def shows_labels(self) -> bool:
        return self.language is not None and self.values is not Values.CODES

    @property
    def own_language(self) -> str:
        """The language of what the form does not say: vi or en."""
        return self.language if self.language in ("vi", "en") else "vi"
