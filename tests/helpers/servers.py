"""`phieu serve` as a process over a real socket."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from server.actions.collecting import collect_address
from server.auth.tokens import unseal
from server.db import db
from server.queries.actors import list_app_users
from server.queries.projects import get_project
from tests.helpers.commands import Running
from tests.helpers.installations import Installation


class Server:
    """A running server: `url` is its address, `collect` what is typed into ODK Collect.

    `cold`: in an interpreter of its own from the start, as its memory is measured.
    """

    def __init__(
        self, installation: Installation, *, workers: int = 2, port: int = 0, cold: bool = False
    ) -> None:
        self.installation = installation
        self.log = installation.data.parent / f"serve-{time.monotonic_ns()}.log"
        arguments = ["serve", "--port", str(port), "--workers", str(workers)]
        start = _start_cold if cold else _start_warm
        with self.log.open("wb") as log:
            self.process = start(arguments, os.environ | installation.environ, log.fileno())
        self.url = self._wait_for(r"^Phiếu: (\S+)")
        self._wait_until_ready()

    @cached_property
    def collect(self) -> str:
        return collect_address(self.url, first_token(self.installation), 1)

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=40)
        self._end_group(signal.SIGKILL)

    def kill(self) -> None:
        """End every process of it at once, as a power cut would."""
        self._end_group(signal.SIGKILL)
        self.process.wait(timeout=10)

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def _end_group(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def _wait_for(self, pattern: str) -> str:
        for _ in range(600):
            if match := re.search(pattern, self.output(), re.MULTILINE):
                return match[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(self.output())

    def _wait_until_ready(self) -> None:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        raise RuntimeError(self.output())


def _start_warm(arguments: list[str], environ: dict[str, str], log: int) -> Running:
    with Path(os.devnull).open("rb") as nothing:
        return Running(arguments, environ, (nothing.fileno(), log, log))


def _start_cold(arguments: list[str], environ: dict[str, str], log: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "server.app", *arguments]
    return subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)


def first_token(installation: Installation) -> str:
    """The token of the phone that the first start made; no later start shows it."""
    app = installation.create_app()
    with app.app_context():
        try:
            app_user = list_app_users(get_project(1))[0]
            return unseal(app_user.token_sealed, app.config["PHIEU"].secret_key)
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def serve(installation: Installation, **options) -> Iterator[Server]:
    server = Server(installation, **options)
    try:
        yield server
    finally:
        server.stop()
