"""What a check finds in a submission: code, severity, place, value; texts are made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from forms.declared_checks import Severity

MAX_FINDINGS = 200
"""Of one check of one slip; the last says then how many there are in all."""
TOO_MANY_FINDINGS = "too_many_findings"
_LONGEST_VALUE = 255
_LONGEST_PATH = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` numbers the repeats, `/rep_child[2]/dob`; "" is the whole slip.

    `value` is what was sent there, at most 255 characters of it.
    """

    code: str
    severity: Severity
    path: str = ""
    value: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def make_finding(
    code: str, severity: Severity, path: str = "", value: str = "", **details: Any
) -> Finding:
    """A finding that fits its columns."""
    return Finding(code, severity, path[:_LONGEST_PATH], value[:_LONGEST_VALUE], details)


def bounded(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """At most MAX_FINDINGS: a broken slip of ten megabytes is no reason for a million rows."""
    if len(found) <= MAX_FINDINGS:
        return tuple(found)
    worst = max(found, key=lambda f: _RANK[f.severity]).severity
    rest = make_finding(TOO_MANY_FINDINGS, worst, count=len(found))
    return (*found[: MAX_FINDINGS - 1], rest)


_RANK = {Severity.INFORMATION: 0, Severity.WARNING: 1, Severity.ERROR: 2}
