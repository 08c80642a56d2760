"""The nesting of a survey sheet: groups and repeats, and the path of each row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import Problem
from .worksheets import Row, Sheet

_BLOCK = re.compile(
    r"(begin|end)[\s_]+(group|lgroup|repeat|loop|looped group)(?:\s.*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that stands for something: a question, or the beginning of a block."""

    number: int
    row: Row
    type: str
    name: str
    path: str
    block: str = ""
    """group, repeat or loop; empty for a question."""

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(slots=True)
class Outline:
    """The rows of a survey sheet in their nesting, and what is wrong with the nesting."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def find(self, path: str) -> Entry | None:
        """The row of a path below the root element: `/g/size`."""
        return next((e for e in self.entries if e.path == path), None)

    def named(self, name: str) -> Iterator[Entry]:
        return (e for e in self.entries if e.name == name)


def read_outline(survey: Sheet) -> Outline:
    """Read the rows in order; a block that is closed wrongly is said once."""
    outline = Outline()
    open_blocks: list[Entry] = []
    for number, row in survey.numbered():
        kind = " ".join(survey.value(row, "type").split())
        match = _BLOCK.fullmatch(kind)
        if match and match[1].lower() == "end":
            outline.problems.extend(_close(survey, number, match[2].lower(), open_blocks))
            continue
        name = survey.value(row, "name").strip()
        parent = open_blocks[-1].path if open_blocks else ""
        block = match[2].lower() if match else ""
        entry = Entry(number, row, kind, name, f"{parent}/{name}", block)
        outline.entries.append(entry)
        if block:
            open_blocks.append(entry)
    for entry in open_blocks:
        about = {"block": entry.block, "name": entry.name}
        problem = survey.problem("survey.not_ended", entry.number, "type", about)
        outline.problems.append(problem)
    return outline


def _close(survey: Sheet, number: int, block: str, open_blocks: list[Entry]) -> Iterator[Problem]:
    if not open_blocks:
        yield survey.problem("survey.not_begun", number, "type", {"block": block})
        return
    last = open_blocks.pop()
    if last.block != block:
        yield survey.problem(
            "survey.crossed",
            number,
            "type",
            {"open": last.block, "name": last.name, "begun": last.number, "block": block},
            suggestion=f"end_{last.block}",
        )
