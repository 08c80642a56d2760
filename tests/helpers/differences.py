"""Where our evaluation of an instance and JavaRosa's verdicts part, node by node."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lxml import etree

from forms.errors import NotEvaluated
from forms.evaluation import Clock, Evaluation, FormRules, Node
from forms.evaluation.answers import write_answer
from forms.evaluation.numbers import format_double

from .verdicts import ZONE, Verdict, Verdicts

FAILED = "failed"
Difference = tuple[str, str, object, object]
"""Path, what is compared, our answer, JavaRosa's."""


def open_as_judged(rules: FormRules, instance: bytes, verdicts: Verdicts) -> Evaluation:
    """By the clock that JavaRosa judged by."""
    zone = ZoneInfo(ZONE)
    now = datetime.fromtimestamp(verdicts.at / 1000, UTC).astimezone(zone).replace(tzinfo=None)
    return rules.open(etree.fromstring(instance), Clock(now, zone))


def iter_differences(evaluation: Evaluation, verdicts: Verdicts) -> Iterator[Difference]:
    ours = {f"/data{node.path}": node for node in evaluation.nodes()}
    theirs = {p: v for p, v in verdicts.nodes.items() if "@" not in p and p != "/data"}
    for path in ours.keys() ^ theirs.keys():
        yield path, "present", path in ours, path in theirs
    for path in ours.keys() & theirs.keys():
        yield from _compare(evaluation, ours[path], theirs[path])


def _compare(evaluation: Evaluation, node: Node, verdict: Verdict) -> Iterator[Difference]:
    is_relevant = _ask(evaluation.is_relevant, node)
    if is_relevant == FAILED and "relevant" in verdict.failed:
        return  # on the phone the form ends here
    pairs: dict[str, tuple[object, object]] = {
        "relevant": (is_relevant, _told(verdict, "relevant")),
        "required": (_ask(evaluation.is_required, node), _told(verdict, "required", "condition")),
        "calculated": (_ask(evaluation.calculated, node), _told(verdict, "calculated")),
    }
    if verdict.leaf:
        kind = evaluation.rules(node).declared.bind.type
        pairs["read"] = (_read(node, kind, evaluation.clock), verdict.read or "")
    if evaluation.rules(node).is_volatile:
        del pairs["calculated"]
    if verdict.constraint is not None or "constraint" in verdict.failed:
        held = _ask(evaluation.satisfies_constraint, node)
        pairs["constraint"] = (held, _told(verdict, "constraint"))
    if verdict.choices is not None or "choices" in verdict.failed:
        offered = _ask(evaluation.offered_choices, node)
        pairs["choices"] = (_sorted(offered), _sorted(_told(verdict, "choices")))
    for what, (our, their) in pairs.items():
        if our != their:
            yield verdict.path, what, our, their


def _read(node: Node, kind: str, clock: Clock) -> str:
    """As JavaRosa prints an answer that it has just read."""
    if kind == "decimal" and isinstance(node.value, float):
        return format_double(node.value)
    return write_answer(node.value, kind, clock)


def _ask(question: Callable[[Node], object], node: Node) -> object:
    try:
        return question(node)
    except NotEvaluated:
        return FAILED


def _told(verdict: Verdict, name: str, rule: str = "") -> object:
    return FAILED if (rule or name) in verdict.failed else getattr(verdict, name)


def _sorted(codes: object) -> object:
    return sorted(set(codes)) if isinstance(codes, Collection) and codes != FAILED else codes
