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


def run_command(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    stdin: bytes = b"",
    cwd: str | Path | None = None,
    timeout: float = 120,
) -> Done:
    """Raise TimeoutError where it does not end, and end it."""
    asked = json.dumps(
        {"arguments": list(arguments), "environ": dict(environ), "cwd": str(cwd or Path.cwd())}
    ).encode()
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as erred,
        socket.socket(socket.AF_UNIX) as connection,
    ):
        given.write(stdin)
        given.seek(0)
        connection.settimeout(timeout)
        connection.connect(_start())
        files = [file.fileno() for file in (given, said, erred)]
        socket.send_fds(connection, [len(asked).to_bytes(4)], files)
        connection.sendall(asked)
        pid = int.from_bytes(connection.recv(4))
        try:
            status = connection.recv(1)
        except TimeoutError:
            os.killpg(pid, signal.SIGKILL)
            raise
        said.seek(0)
        erred.seek(0)
        code = status[0] if status else -signal.SIGKILL
        return Done(code, said.read(), erred.read())


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
