"""`phieu …`: read the arguments, call, commit, print. A command is loaded when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

import click
from click.exceptions import NoSuchCommand
from flask import Flask
from flask.cli import FlaskGroup

from server.cli.errors import report

COMMANDS = {
    "serve": "serve",
    "demo": "demo",
    "projects": "projects",
    "forms": "forms",
    "users": "users",
    "app-users": "app_users",
    "public-links": "public_links",
    "assignments": "assignments",
    "units": "units",
    "exports": "exports",
    "due": "due",
    "holidays": "holidays",
    "submissions": "submissions",
    "entities": "entities",
    "quarantine": "quarantine",
    "audits": "audits",
    "persons": "persons",
    "retention": "retention",
    "work": "work",
    "doctor": "doctor",
}


class LazyGroup(FlaskGroup):
    """Imports the module of a command only to run it, or to print its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"server.cli.{COMMANDS[name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Click proposes only commands that are loaded already, and here none is."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            raise NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from error


def make_program(create_app: Callable[[], Flask]) -> click.Group:
    """`phieu`, with every command."""
    program = LazyGroup(
        name="phieu",
        help="Phiếu: forms in, ODK Collect served, exports by commune out.",
        create_app=create_app,
        add_default_commands=False,
        add_version_option=False,
        set_debug_flag=False,
        load_dotenv=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    program.params.clear()  # Flask's own options: this program has one application
    click.version_option(package_name="phieu", prog_name="phieu")(program)
    return program


def run(create_app: Callable[[], Flask]) -> None:
    """The console script: errors become one sentence; status 1 is refused, 2 is misused."""
    program = make_program(create_app)
    try:
        status = program.main(prog_name="phieu", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)  # what `ctx.exit` was given
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the edge of the program: what is known is said
        sys.exit(report(error))
