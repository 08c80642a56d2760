"""`phieu …`: read the arguments, call, commit, print. A command is loaded when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

import click
from click.exceptions import NoSuchCommand
from flask import Flask
from flask.cli import FlaskGroup

COMMANDS = {
    "serve": "Serve phones and pages; the first start makes database, administrator and forms.",
    "demo": "Fill the shipped forms with a register that does not exist; the same seed makes the "
    "same.",
    "projects": "Set up projects.",
    "forms": "Check, publish and list forms.",
    "users": "Add, list and disable people who sign in.",
    "app-users": "Ways in of phones: add, list, revoke; QR codes and cards to hand out.",
    "public-links": "Links to fill one form without an account.",
    "assignments": "Who has which role at a project, form, unit or submission, and when.",
    "units": "Load, import and show administrative units.",
    "exports": "Write exports.",
    "due": "See what is due and overdue; derive it again.",
    "holidays": "List, add, remove and import holidays.",
    "submissions": "Look at submissions, review them; pull those of another server.",
    "entities": "The register: lists, what is in them and how it became so.",
    "quarantine": "What known senders sent completely and was refused.",
    "audits": "Search and export the audit log.",
    "persons": "Find a person, hand over or erase what is theirs, end a consent.",
    "retention": "List what has been kept longer than its period, or destroy it for good.",
    "work": "Run jobs; `serve` does so itself, more of these may run on any machine.",
    "doctor": "Look at folder, database, key, files, forms, jobs; status 1 if something needs "
    "doing.",
}
"""What `phieu --help` says of each; it is the first sentence of the command's own help."""


def load_command(name: str) -> click.Command:
    """The command of that name: `command` in the module that is called as it is."""
    module = importlib.import_module(f"server.cli.{name.replace('-', '_')}")
    command: click.Command = module.command
    return command


class LazyGroup(FlaskGroup):
    """Imports the module of a command only to run it, or to print its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return load_command(name) if name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does it, by the table: to load every command takes seconds."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        shown = (click.Command(name, help=said) for name, said in COMMANDS.items())
        with formatter.section("Commands"):
            formatter.write_dl([(str(c.name), c.get_short_help_str(limit)) for c in shown])

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
        from server.cli.errors import report

        sys.exit(report(error))
