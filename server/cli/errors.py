"""Problems as one clear sentence on standard error."""

from __future__ import annotations

import os
import sys

import click

from exports.errors import UnknownFormat
from forms.errors import WorkbookRefused
from server.config import LANGUAGES, SettingRefused
from server.db import DatabaseFault, fault_problem
from server.errors import Problem
from server.messages import error_text

REFUSED, MISUSED = 1, 2


def language() -> str:
    chosen = os.environ.get("PHIEU_LANG", "vi")
    return chosen if chosen in LANGUAGES else "vi"


def report(error: Exception) -> int:
    """Print what can be said of an error and return the exit status; raise what is our mistake."""
    if isinstance(error, SettingRefused):
        click.echo(str(error), err=True)
        return MISUSED
    if isinstance(error, UnknownFormat):
        click.echo(f"{error.name}: csv, xlsx", err=True)
        return MISUSED
    problem = _problem(error)
    if problem is None:
        if isinstance(error, OSError) and error.filename:
            click.echo(f"{error.filename}: {error.strerror}.", err=True)
            return REFUSED
        raise error
    _print_problem(problem)
    return REFUSED


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    return fault_problem(error) if isinstance(error, DatabaseFault) else None


def _print_problem(problem: Problem) -> None:
    cause = problem.__cause__
    if isinstance(cause, WorkbookRefused):
        for line in cause.problems:
            click.echo(str(line), err=True)
        return
    sys.stderr.write(error_text(problem.code, language(), problem.details) + "\n")
