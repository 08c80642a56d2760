"""What a check comes to, until it is written down."""

from __future__ import annotations

from dataclasses import dataclass

from forms.checking import Finding, Severity, make_finding
from forms.errors import TooMuchWork
from server.actions.checking.asked import Key
from server.db import DatabaseFault, fault_problem
from server.errors import StorageUnavailable
from server.log import get_logger

TOO_MUCH_WORK = "too_much_work"
CHECK_FAILED = "check_failed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a slip by itself, and the keys by which it is compared with others."""

    findings: tuple[Finding, ...] = ()
    keys: tuple[Key, ...] = ()


def failure(error: Exception, **about: str) -> Finding:
    """The mark of a check that failed; what went wrong is named by its kind only.

    Where the database itself is gone or full, or the storage away, nothing can be kept: the error
    is raised again.
    """
    if isinstance(error, StorageUnavailable):
        raise error
    if isinstance(error, DatabaseFault) and fault_problem(error) is not None:
        raise error
    if isinstance(error, TooMuchWork):
        return make_finding(TOO_MUCH_WORK, Severity.WARNING)
    kind = type(error).__name__
    get_logger().error("check failed", error=kind)
    return make_finding(CHECK_FAILED, Severity.WARNING, error=kind, **about)
