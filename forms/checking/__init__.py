"""Check one filled instance by the rules of the very form version it was filled with."""

from forms.declared_checks import DeclaredCheck, Severity

from .declared import CompiledCheck, compile_checks
from .findings import MAX_FINDINGS, TOO_MANY_FINDINGS, Finding, bounded, make_finding
from .slips import CheckedSlip, check_slip

__all__ = [
    "MAX_FINDINGS",
    "TOO_MANY_FINDINGS",
    "CheckedSlip",
    "CompiledCheck",
    "DeclaredCheck",
    "Finding",
    "Severity",
    "bounded",
    "check_slip",
    "compile_checks",
    "make_finding",
]
