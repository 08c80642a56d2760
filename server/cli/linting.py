"""`phieu forms check`: what is wrong in a workbook, cell by cell (docs/linting.md)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from forms.definitions import FormDefinition
from forms.errors import Problem, WorkbookRefused
from server.cli.common import print_json
from server.cli.errors import language
from server.messages import text

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("check")
@click.argument("file", type=_FILE)
@click.option(
    "--annotate",
    type=_NEW_FILE,
    metavar="OUT.xlsx",
    help="Give the workbook back with its faulty cells coloured and commented.",
)
@click.option("--validate", is_flag=True, help="Ask ODK Validate too (needs Java).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(
    ctx: click.Context, file: Path, annotate: Path | None, validate: bool, as_json: bool
) -> None:
    """Print every problem of FILE with its place; status 1 if there is an error."""
    definition, problems = _read(file, validate)
    if annotate is not None:
        _annotate(file, annotate, problems)
    if as_json:
        form = definition and {"id": definition.xml_form_id, "version": definition.version}
        rows = [_row(problem) for problem in problems]
        print_json({"file": file.name, "form": form, "problems": rows})
    else:
        _print(definition, problems)
    if any(problem.severity == "error" for problem in problems):
        ctx.exit(1)


def _read(file: Path, validate: bool) -> tuple[FormDefinition | None, Sequence[Problem]]:
    from forms.linting.validate import ask_validate
    from forms.workbooks import compile_form

    source = file.read_bytes()
    try:
        definition = compile_form(source, filename=file.name)
    except WorkbookRefused as refusal:
        return None, refusal.problems
    problems = [*definition.warnings]
    if validate:
        problems += ask_validate(definition)
    return definition, problems


def _annotate(file: Path, out: Path, problems: Sequence[Problem]) -> None:
    from forms.linting.annotating import annotate

    if file.suffix.lower() != ".xlsx":
        raise click.BadParameter(text("annotate_xlsx", language()), param_hint="--annotate")
    if out.exists():
        raise click.BadParameter(
            text("annotate_exists", language(), file=out), param_hint="--annotate"
        )
    out.write_bytes(annotate(file.read_bytes(), problems, language()))


def _row(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "place": problem.place,
        "code": problem.code,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "reason": problem.say(language()),
        "suggestion": problem.suggestion,
    }


def _print(definition: FormDefinition | None, problems: Sequence[Problem]) -> None:
    for problem in problems:
        severity = text(f"severity_{problem.severity}", language())
        click.echo(f"{severity}: {problem.text(language())}")
    if definition is not None and not any(p.severity == "error" for p in problems):
        count = sum(1 for _ in definition.fields())
        about = {"form": definition.xml_form_id, "version": definition.version, "count": count}
        click.echo(text("form_is_sound", language(), **about))
