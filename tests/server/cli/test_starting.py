"""A command starts quickly: what it does not need is not loaded."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from flask import Flask

from server.cli import COMMANDS, load_command, make_program
from tests.helpers.slips import ROOT

PRINT_LOADED = "import sys, {}; print(*sys.modules)"


def loaded_by(*modules: str) -> set[str]:
    code = PRINT_LOADED.format(", ".join(modules))
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return set(said.stdout.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_the_program_says_what_the_command_says(name):
    command = load_command(name)

    assert command.name == name
    assert command.get_short_help_str(limit=1000) == COMMANDS[name]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_help_of_the_program_is_laid_out_as_click_does(width):
    program = make_program(lambda: Flask("none"))
    context = click.Context(program, terminal_width=width, max_content_width=width)
    ours, clicks = context.make_formatter(), context.make_formatter()

    program.format_commands(context, ours)
    click.Group.format_commands(program, context, clicks)

    assert ours.getvalue() == clicks.getvalue()


def test_the_help_of_the_program_lists_every_command():
    said = CliRunner().invoke(make_program(lambda: Flask("none")), ["--help"]).output

    assert [line for name in COMMANDS for line in said.splitlines() if line.split()[:1] == [name]]
    assert all(f"\n  {name} " in said for name in COMMANDS)


def test_the_program_alone_loads_neither_database_nor_doors():
    loaded = loaded_by("server.app")

    assert loaded & {"sqlalchemy", "structlog", "polars", "server.db", "server.http"} == set()


@pytest.mark.parametrize("command", ["exports", "forms", "submissions"])
def test_a_command_loads_no_converter_of_workbooks(command):
    loaded = loaded_by("server.app", f"server.cli.{command}")

    assert loaded & {"pyxform", "openpyxl", "server.http"} == set()


def test_who_serves_loads_the_converter_before_processes_fork():
    assert "forms.workbooks" in loaded_by("server.cli.serve")
