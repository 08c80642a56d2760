"""What JavaRosa thinks of filled instances and of single expressions; see tests/javarosa/Verdicts.

`jr:choice-name`, `jr:itext`, `instance()` and all functions of JavaRosa are its own. `pulldata`
belongs to Collect: the answer comes from tests/javarosa/PullData.java. `intersects` is not in the
jar and fails as an unknown function.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

from .javarosa import JAR, JavaPhone

ZONE = "Asia/Ho_Chi_Minh"
Mode = Literal["submitted", "recalculated"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One node of an instance. `/data/g/rep[2]/name`: every repeat has its index, nothing else.

    `value` is the text as it was sent, `read` the text of what JavaRosa made of it (None where
    that is nothing); `own` leaves the relevance of the ancestors out; `constraint` is None where
    there is none or no value, `calculated` where there is no calculation, `choices` where no
    predicate filters them. `failed` has the message for each rule that JavaRosa cannot evaluate
    ("relevant", "condition" (required, readonly), "constraint", "calculated", "choices").
    A node of the form that was not sent has `sent` False and, where submitted values are
    judged, no value.
    """

    path: str
    sent: bool
    leaf: bool
    value: str | None
    read: str | None
    relevant: bool
    own: bool
    required: bool
    constraint: bool | None
    calculated: str | None
    choices: list[str] | None
    failed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One instance. `at` is the clock (milliseconds of Unix time) by which it was judged.

    `error` says why JavaRosa could not open the form or the instance at all.
    """

    nodes: dict[str, Verdict]
    unknown: list[str]
    at: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """An expression over `/data`, whose nodes are (name, type, text); equal names: a node-set.

    The context is `/data`, or the node that `at` names.
    """

    expression: str
    nodes: tuple[tuple[str, str, str], ...] = ()
    at: str | None = None
    zone: str = ZONE
    locale: str = "vi"

    def asked(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Value:
    """`type`: number, string, boolean, date, nodeset, or error (then `value` is the exception).

    `value` is the text that JavaRosa makes of it (for a nodeset: of each node), `exact` the
    double or the instant, `written` what a calculation of type string leaves in the instance.
    """

    type: str
    value: str | list[str]
    exact: str | None = None
    written: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Judge:
    """A running JVM; a form is compiled by JavaRosa once."""

    process: subprocess.Popen[str]
    folder: Path
    forms: dict[str, Path] = field(default_factory=dict)

    def judge(
        self,
        xform: bytes,
        instances: Iterable[bytes],
        media: Mapping[str, bytes] | None = None,
        *,
        mode: Mode = "submitted",
    ) -> list[Verdicts]:
        form = str(self._file(xform, media or {}))
        return [
            _verdicts(self._ask({"form": form, "mode": mode, "instance": instance.decode()}))
            for instance in instances
        ]

    def evaluate(self, questions: Iterable[str | Question]) -> list[Value]:
        return [
            Value(**self._ask((Question(q) if isinstance(q, str) else q).asked()))
            for q in questions
        ]

    def _file(self, xform: bytes, media: Mapping[str, bytes]) -> Path:
        """The form with its lists beside it, always the same file for the same bytes."""
        parts = [xform, *(part for name in sorted(media) for part in (name.encode(), media[name]))]
        key = hashlib.sha256(b"\0".join(parts)).hexdigest()
        if key not in self.forms:
            folder = self.folder / key
            folder.mkdir()
            for name, content in media.items():
                (folder / name).write_bytes(content)
            self.forms[key] = folder / "form.xml"
            self.forms[key].write_bytes(xform)
        return self.forms[key]

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        to_java, from_java = _pipes(self.process)
        to_java.write(json.dumps(asked) + "\n")
        to_java.flush()
        answer = from_java.readline()
        assert answer, (self.folder / "stderr").read_text()
        return json.loads(answer)


@contextmanager
def open_judge(phone: JavaPhone) -> Iterator[Judge]:
    """Start the JVM, which costs a second or two: once for many cases."""
    options = ["-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", f"-Duser.timezone={ZONE}"]
    classes = f"{JAR}{os.pathsep}{phone.classes}"
    with tempfile.TemporaryDirectory() as folder, Path(folder, "stderr").open("w") as errors:
        process = subprocess.Popen(
            ["java", *options, "-cp", classes, "Verdicts"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            env=os.environ | {"LC_ALL": "C.UTF-8", "TZ": ZONE},
        )
        with process:
            yield Judge(process, Path(folder))
            _pipes(process)[0].close()


def _pipes(process: subprocess.Popen[str]) -> tuple[TextIO, TextIO]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _verdicts(answer: dict[str, Any]) -> Verdicts:
    if "error" in answer:
        return Verdicts({}, [], 0, answer["error"])
    nodes = {node["path"]: Verdict(**node) for node in answer["nodes"]}
    return Verdicts(nodes, answer["unknown"], answer["at"])
