"""An installation in a folder: its settings, and how to enter it as a program or as a phone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flask import Flask

from server.app import create_app
from server.config import read_settings


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

    def run(self, *arguments: object, status: int = 0, stderr_too: bool = False, **options) -> str:
        """Run a command as a process and return what it printed; check its exit status."""
        done = subprocess.run(
            [sys.executable, "-m", "server.app", *map(str, arguments)],
            env=os.environ | self.environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 and not stderr_too else done.stderr + done.stdout

    def run_bytes(self, *arguments: object) -> bytes:
        command = [sys.executable, "-m", "server.app", *map(str, arguments)]
        return subprocess.run(
            command, env=os.environ | self.environ, capture_output=True, timeout=120, check=True
        ).stdout

    def today(self) -> date:
        """Today where the installation is."""
        return datetime.now(read_settings(self.environ).tz).date()

    def run_json(self, *arguments: object, **options):
        return json.loads(self.run(*arguments, "--json", **options))
