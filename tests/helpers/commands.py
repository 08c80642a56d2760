"""Run `phieu` as a process of its own, quickly (tests.helpers.zygote)."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ZYGOTE = Path(__file__).with_name("zygote.py")
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended; minus a number where a signal ended it."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Running:
    """A command under way, the first of its process group; used as `subprocess.Popen` is."""

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        files: tuple[int, int, int],
        *,
        cwd: str | Path | None = None,
    ) -> None:
        self.returncode: int | None = None
        asked = json.dumps(
            {"arguments": list(arguments), "environ": dict(environ), "cwd": str(cwd or Path.cwd())}
        ).encode()
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(_start())
        socket.send_fds(self._connection, [len(asked).to_bytes(4)], list(files))
        self._connection.sendall(asked)
        self.pid = int.from_bytes(self._connection.recv(4))

    def poll(self) -> int | None:
        try:
            return self.wait(timeout=0)
        except (TimeoutError, BlockingIOError):
            return None

    def wait(self, timeout: float) -> int:
        """The exit status; raise TimeoutError where it does not end."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            status = self._connection.recv(1)
            self._connection.close()
            self.returncode = status[0] if status else -signal.SIGKILL
        return self.returncode

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Every process of its group at once."""
        os.killpg(self.pid, signal.SIGKILL)


def run_command(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    stdin: bytes = b"",
    cwd: str | Path | None = None,
    timeout: float = 120,
) -> Done:
    """Raise TimeoutError where it does not end, and end it."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as erred,
    ):
        given.write(stdin)
        given.seek(0)
        files = (given.fileno(), said.fileno(), erred.fileno())
        running = Running(arguments, environ, files, cwd=cwd)
        try:
            status = running.wait(timeout)
        except TimeoutError:
            running.kill()
            raise
        said.seek(0)
        erred.seek(0)
        return Done(status, said.read(), erred.read())


@cache
def _start() -> str:
    """The address of this test process's zygote, which ends with it."""
    folder = tempfile.TemporaryDirectory(prefix="zygote-")
    path = str(Path(folder.name) / "socket")
    process = subprocess.Popen(
        [sys.executable, str(_ZYGOTE), path],
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        process.terminate()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        folder.cleanup()

    atexit.register(end)
    return path
