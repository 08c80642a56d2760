"""The version of a submission that asks for changes of the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from forms.entities import Declaration, Fact
from server.queries.datasets import DatasetFacts
from server.queries.entities import Place


@dataclass(frozen=True, slots=True)
class Source:
    """What it says, where it came from, and what its form declares.

    `may_see` says whether the sender has entities of the list there: else staff are to look at the
    change.
    """

    root: etree._Element
    declarations: Sequence[Declaration]
    facts: Sequence[Fact]
    lists: Mapping[str, DatasetFacts]
    submission_id: int
    version_id: int
    reported: Place
    creator_id: int | None
    user_agent: str | None
    is_approved: bool = False
    may_see: Callable[[DatasetFacts, Place], bool] = lambda facts, place: True
