"""The rules of a form over one slip → findings.

Asked is what Collect asks before it lets a form be finished, and what only edited, imported or
generated XML can hold. A rule that cannot be evaluated finds nothing: it is told when the form is
published (`FormRules.unsupported`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from forms.declared_checks import Severity
from forms.errors import TooMuchWork
from forms.evaluation import Clock, Evaluation, FormRules, LookupList

from .declared import CompiledCheck, run_expressions
from .findings import Finding, bounded
from .nodes import check_node, is_worth_asking
from .strangers import iter_strangers

Lists = Mapping[str, LookupList]


@dataclass(frozen=True, slots=True)
class CheckedSlip:
    """The findings of one slip, and its evaluation for those who ask further."""

    findings: tuple[Finding, ...]
    evaluation: Evaluation


def check_slip(
    rules: FormRules,
    root: etree._Element,
    clock: Clock,
    *,
    editions: Iterable[Lists] = ({},),
    checks: Sequence[CompiledCheck] = (),
    seconds: float = math.inf,
) -> CheckedSlip:
    """Findings of the form's rules in document order, then of its declared expressions.

    `clock` is the slip's own `end`, else its receipt (design §11), so that the outcome stays.
    `editions` are the states in which the form's files were served, the likeliest first: a slip is
    right if it is right by one of them. Raise TooMuchWork for a slip that is too large to be
    checked, or cannot be in so many seconds.
    """
    checked: CheckedSlip | None = None
    left = seconds
    for lists in editions:  # which may be read for the first time: that is not the slip's time
        if left <= 0:
            raise TooMuchWork
        began = time.monotonic()
        other = _check(rules, root, clock, lists, checks, left)
        left -= time.monotonic() - began
        checked = other if checked is None else min(checked, other, key=_badness)
        if not checked.findings:
            break
    if checked is None:
        raise ValueError("no state of the lists")
    return replace(checked, findings=bounded(checked.findings))


def _badness(checked: CheckedSlip) -> tuple[int, int]:
    """Of two states of the lists, the one with fewer errors is the one it was filled with."""
    errors = sum(finding.severity is Severity.ERROR for finding in checked.findings)
    return errors, len(checked.findings)


def _check(
    rules: FormRules,
    root: etree._Element,
    clock: Clock,
    lists: Lists,
    checks: Sequence[CompiledCheck],
    seconds: float,
) -> CheckedSlip:
    evaluation = rules.open(root, clock, lists=lists, seconds=seconds)
    found: list[Finding] = []
    for node in evaluation.nodes():
        if is_worth_asking(node, evaluation.lists):
            evaluation.require_time()
            found += check_node(node, evaluation)
    found += iter_strangers(evaluation)
    found += run_expressions(checks, evaluation)
    return CheckedSlip(tuple(found), evaluation)
