"""What JavaRosa answered to single expressions: tests/data/xpath, recorded by tools/record_xpath.

A file has the nodes of its instance and the cases, one a line: an expression, where it differs
the context (`at`), `zone` or `locale`, and the answer; see helpers.verdicts for both.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .verdicts import Question, Value

FOLDER = Path(__file__).parents[1] / "data" / "xpath"
_ASKED = ("expression", "at", "zone", "locale")
_ANSWERED = ("type", "value", "exact", "written")


@dataclass(frozen=True, slots=True)
class Recorded:
    question: Question
    value: Value | None
    """None where a case was written by hand and not recorded yet."""


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> list[Recorded]:
    file = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    nodes = tuple((node[0], node[1], node[2]) for node in file["nodes"])
    return [_recorded(case, nodes) for case in file["cases"]]


def save(name: str, cases: Iterable[Recorded]) -> None:
    cases = list(cases)
    nodes = ",\n".join(_line(list(node)) for node in cases[0].question.nodes)
    lines = ",\n".join(_line(_case(case)) for case in cases)
    text = f'{{"nodes": [\n{nodes}\n],\n"cases": [\n{lines}\n]}}\n'
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


def _recorded(case: dict[str, Any], nodes: tuple[tuple[str, str, str], ...]) -> Recorded:
    asked = {key: case[key] for key in _ASKED if key in case}
    answered = {key: case[key] for key in _ANSWERED if key in case}
    return Recorded(Question(nodes=nodes, **asked), Value(**answered) if answered else None)


def _case(recorded: Recorded) -> dict[str, Any]:
    """Only what says something: an error's message names classes, a default is a default."""
    plain = Question("")
    asked = {
        key: getattr(recorded.question, key)
        for key in _ASKED
        if getattr(recorded.question, key) != getattr(plain, key)
    }
    answered = dataclasses.asdict(recorded.value) if recorded.value else {}
    return asked | {key: answered[key] for key in _ANSWERED if answered.get(key) is not None}


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
