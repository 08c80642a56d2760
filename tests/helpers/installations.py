"""An installation in a folder: its settings, and how to enter it as a program or as a phone."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flask import Flask

from server.app import create_app
from server.config import read_settings
from tests.helpers.commands import Done, run_command


@dataclass
class Installation:
    """A data folder and a database; `run` is the program `phieu` in it."""

    data: Path
    database_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        own = {"PHIEU_DATA": str(self.data), "PHIEU_LANG": "en", **self.extra}
        if self.database_url:
            own["PHIEU_DATABASE_URL"] = self.database_url
        return own

    def create_app(self) -> Flask:
        return create_app(read_settings(self.environ))

    def run(
        self,
        *arguments: object,
        status: int = 0,
        stderr_too: bool = False,
        input: str = "",  # noqa: A002 - as subprocess.run calls it
        cwd: Path | None = None,
    ) -> str:
        """Run a command as a process and return what it printed; check its exit status."""
        done = self._run(arguments, input, cwd)
        said, erred = (self._text(part) for part in (done.stdout, done.stderr))
        assert done.returncode == status, said + erred
        return said if status == 0 and not stderr_too else erred + said

    def run_bytes(self, *arguments: object) -> bytes:
        done = self._run(arguments, "", None)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, arguments: Sequence[object], stdin: str, cwd: Path | None) -> Done:
        environ = os.environ | self.environ
        return run_command(
            [*map(str, arguments)], environ, stdin=stdin.encode(), cwd=cwd, timeout=120
        )

    @staticmethod
    def _text(said: bytes) -> str:
        """As universal newlines have it."""
        return said.decode().replace("\r\n", "\n")

    def today(self) -> date:
        """Today where the installation is."""
        return datetime.now(read_settings(self.environ).tz).date()

    def run_json(self, *arguments: object, **options):
        return json.loads(self.run(*arguments, "--json", **options))
