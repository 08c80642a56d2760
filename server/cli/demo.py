"""`phieu demo`: the life of a register that does not exist, received as phones' slips would be."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from server.cli.common import (
    checker,
    get_ready_project,
    json_option,
    operator,
    print_json,
    print_rows,
    storage,
    today,
    words,
)
from server.demo import FORMS, SCENARIOS, Life, Setting, Village
from server.errors import FormFilesMissing
from server.messages import text
from server.queries import forms

if TYPE_CHECKING:
    from server.demo.receiving import Made
    from server.demo.steps import Step

FORM = "child_situation"
VILLAGES = "villages.csv"
_REASON = "phieu demo"


@click.command("demo")
@click.option("--communes", default=3, show_default=True, type=click.IntRange(1, 104))
@click.option(
    "--submissions",
    default=500,
    show_default=True,
    type=click.IntRange(0, 5_000_000),
    help="Households that are registered; all else is in proportion.",
)
@click.option("--seed", default=1, show_default=True, type=int)
@click.option(
    "--scenario",
    type=click.Choice(list(SCENARIOS), case_sensitive=False),
    help="Only this named data set.",
)
@click.option("--list", "lists", is_flag=True, help="Name the scenarios, and make nothing.")
@json_option
@with_appcontext
def command(
    communes: int,
    submissions: int,
    seed: int,
    scenario: str | None,
    lists: bool,
    as_json: bool,
) -> None:
    """Fill the shipped forms with a register that does not exist; the same seed makes the same.

    Households, yearly reviews, cases and visits, plans and monthly reports; households move, and
    children who were registered twice are merged.
    """
    if lists:
        print_rows([_title(code) for code in SCENARIOS], as_json=as_json)
        return
    project = get_ready_project(None)
    versions = _versions(project.id)
    villages = _villages(project.id)
    steps: Iterable[Step]
    if scenario is None:
        villages = _of_first_communes(villages, communes)
        length = submissions * 6 // 5 + 3 * min(len(villages), submissions)
        life = Life.of(villages, count=submissions, seed=seed, versions=versions, today=today())
        steps = life.steps()
    else:
        length = len(villages)
        steps = SCENARIOS[scenario](Setting.of(scenario, villages, versions=versions, seed=seed))
    made = _play(steps, project.id, length)
    _print(made, villages=len(villages), scenario=scenario, as_json=as_json)


def _play(steps: Iterable[Step], project_id: int, length: int) -> Made:
    from server.demo.receiving import Stage

    stage = Stage(project_id, checker=checker(), by=operator(_REASON))
    with click.progressbar(length=length, label="phieu demo", file=sys.stderr) as bar:
        stage.play(steps, bar.update)
    return stage.made


def _print(made: Made, *, villages: int, scenario: str | None, as_json: bool) -> None:
    from server.cli.entity_imports import warning_row, warning_text

    for warned in made.warnings:
        click.echo(warning_text(warned), err=True)
    if not as_json:
        for form in sorted(made.slips):
            counts = {"form": form, "count": made.slips[form], "new": made.new[form]}
            click.echo(words("demo_made", **counts))
        for what, count in sorted(made.other.items()):
            click.echo(words(f"demo_{what}", count=count))
        return
    answer: dict[str, object] = {
        "scenario": scenario,
        "submissions": made.slips.total(),
        "new": made.new.total(),
        "forms": {form: made.new[form] for form in FORMS if made.slips[form]},
        "villages": villages,
        **{what: made.other[what] for what in sorted(made.other)},
    }
    if made.warnings:
        answer["warnings"] = [warning_row(warned) for warned in made.warnings]
    print_json(answer)


def _title(code: str) -> dict[str, str]:
    return {"scenario": code, **{lang: text(f"scenario_{code}", lang) for lang in ("vi", "en")}}


def _versions(project_id: int) -> Mapping[str, str]:
    """Of the forms that the project has; without that of the households nothing can be made."""
    versions = {FORM: forms.get_current_version(forms.get_form(project_id, FORM)).version}
    for form_id in FORMS:
        form = forms.find_form(project_id, form_id)
        version = forms.find_current_version(form) if form else None
        if version is not None:
            versions[form_id] = version.version
    return versions


def _villages(project_id: int) -> list[Village]:
    """The villages that the form itself offers."""
    version = forms.get_current_version(forms.get_form(project_id, FORM))
    attachment = forms.find_attachment(version.id, VILLAGES)
    if attachment is None or attachment.storage_key is None:
        raise FormFilesMissing(form=FORM, names=VILLAGES)
    listed = storage().file(attachment.storage_key).read_bytes().decode("utf-8-sig")
    return [
        Village(row["name"], row["label"], row["commune_code"], row["legacy_commune_code"])
        for row in csv.DictReader(io.StringIO(listed))
    ]


def _of_first_communes(villages: Sequence[Village], communes: int) -> list[Village]:
    codes = list(dict.fromkeys(village.commune_code for village in villages))
    if len(codes) < communes:
        click.echo(words("demo_communes", file=VILLAGES, count=len(codes)), err=True)
    return [village for village in villages if village.commune_code in codes[:communes]]
