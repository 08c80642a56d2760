"""Problems as one clear sentence on standard error."""

from __future__ import annotations

import os
import sys

import click

from exports.errors import FileInTheWay, PlaceBusy
from forms.errors import WorkbookRefused
from server.config import LANGUAGES, SettingRefused
from server.db import DatabaseFault, fault_problem
from server.errors import DiskFull, ExportPlaceBusy, Problem
from server.messages import error_text, text
from server.storage import is_disk_full

REFUSED, MISUSED = 1, 2


def language() -> str:
    chosen = os.environ.get("PHIEU_LANG", "vi")
    return chosen if chosen in LANGUAGES else "vi"


def report(error: Exception) -> int:
    """Print what can be said of an error and return the exit status; raise what is our mistake."""
    if isinstance(error, BrokenPipeError):
        _silence_output()
        return REFUSED
    misuse = _misuse(error)
    if misuse:
        click.echo(misuse, err=True)
        return MISUSED
    problem = _problem(error)
    if problem is not None:
        _print_problem(problem)
        sys.unraisablehook = _say_no_more
        return REFUSED
    if isinstance(error, OSError) and error.filename:
        click.echo(f"{error.filename}: {error.strerror}.", err=True)
        return REFUSED
    raise error


def _misuse(error: Exception) -> str:
    """What to say of arguments and settings that cannot be used; empty for anything else."""
    if isinstance(error, SettingRefused):
        reason = text(f"setting_{error.reason}", language(), **error.details)
        return f"{error.setting}: {reason}"
    if isinstance(error, FileInTheWay):
        kind = "folder" if error.path.is_dir() else "file"
        return f"{error.path} is a {kind}; give --out a .zip or a folder that may be written."
    if isinstance(error, UnicodeEncodeError):  # an argument of bytes that are not UTF-8
        return f"{error.object!a}: " + text("not_utf8", language())
    return ""


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, OSError) and is_disk_full(error):
        return DiskFull()
    if isinstance(error, PlaceBusy):
        return ExportPlaceBusy(path=error.path)
    return fault_problem(error) if isinstance(error, DatabaseFault) else None


def _say_no_more(_fault: object) -> None:
    """Half-written files repeat, when they are let go, that the disk is full."""


def _silence_output() -> None:
    """The reader of our output has gone, as `head` does; Python would complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def problem_text(problem: Problem) -> str:
    return error_text(problem.code, language(), problem.details)


def _print_problem(problem: Problem) -> None:
    cause = problem.__cause__
    if isinstance(cause, WorkbookRefused):
        for line in cause.problems:
            click.echo(line.text(language()), err=True)
        return
    sys.stderr.write(problem_text(problem) + "\n")
