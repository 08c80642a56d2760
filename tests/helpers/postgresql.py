"""A real PostgreSQL for the tests: found, started in an empty folder, stopped at the end."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt", "/usr/pgsql")


def find_programs() -> Path | None:
    """The folder with `initdb` and `postgres`; Debian keeps it off the path."""
    if (initdb := shutil.which("initdb")) and shutil.which("postgres"):
        return Path(initdb).resolve().parent
    found = (p.parent for place in _PLACES for p in Path(place).glob("**/bin/initdb"))
    return max((p for p in found if (p / "postgres").exists()), default=None)


class Cluster:
    """One running server; `create` makes databases in it.

    Its folder is beside pytest's, not within: every pytest that starts closes those to others.
    `durable` as people run it; no test takes the machine's power away.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self._fsync = "on" if durable else "off"
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="phieu-postgresql-"))
        self._port = _free_port()
        self._user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Cluster:
        data = self._folder / "data"
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "-D", data, "-U", "phieu", "-A", "trust", "-E", "UTF8", "--no-locale")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        log = (self._folder / "log").open("ab")
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        settings += ["-c", f"unix_socket_directories={self._folder}", "-c", f"fsync={self._fsync}"]
        command = [self._programs / "postgres", "-D", self._folder / "data", "-p", str(self._port)]
        self._process = subprocess.Popen(
            [*command, *settings], stdout=log, stderr=log, user=self._user, cwd=self._folder
        )
        log.close()
        self._wait()

    def stop(self) -> None:
        """Stop at once; connections that are open break."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(timeout=30)
            self._process = None

    def url(self, database: str) -> str:
        return f"postgresql://phieu@127.0.0.1:{self._port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Create a database and return its name."""
        name = f"t{secrets.token_hex(6)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _wait(self) -> None:
        for _ in range(300):
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self._folder / "log").read_text()[-2000:])

    def _run(self, program: str, *arguments: object) -> None:
        command = [self._programs / program, *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd=self._folder)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: lend it the user it is usually run by."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
