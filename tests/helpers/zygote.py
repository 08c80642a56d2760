"""A process that has the program's modules and forks off one process for each command.

Run as a script by tests.helpers.commands. A command is a process of its own, with its own
environment, files and exit status; only its start is a tenth of a cold one.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import random
import signal
import socket
import sys
import time
import traceback
from typing import Any

LEFT_OUT = {"server.cli.gunicorn"}  # reads the environment when it is imported


def main(path: str) -> None:
    _import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    listener.close()
                    _serve(connection)


def _import_all() -> None:
    import server.app
    import server.cli
    from tests.helpers.passwords import seal_quickly
    from tests.helpers.routes import compile_routes_once

    for module in pkgutil.walk_packages(server.cli.__path__, "server.cli."):
        if module.name not in LEFT_OUT:
            importlib.import_module(module.name)
    for name in ("forms.workbooks", "server.http.doors", "server.jobs", "server.demo"):
        importlib.import_module(name)
    seal_quickly()
    compile_routes_once()


def _serve(connection: socket.socket) -> None:
    """Be the command, say how it ended, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    text, files, _, _ = socket.recv_fds(connection, 4, 3)
    asked: dict[str, Any] = json.loads(_receive(connection, int.from_bytes(text)))
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    connection.sendall(os.getpid().to_bytes(4))
    os.environ.clear()
    os.environ.update(asked["environ"])
    time.tzset()
    os.chdir(asked["cwd"])
    random.seed()
    sys.argv = ["phieu", *asked["arguments"]]
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8")  # noqa: SIM115 - they last as long as it does
        for number, mode in enumerate("rww")
    )
    own = os.getpid()
    status = _run()
    if os.getpid() == own:  # not a process that the command forked off in its turn
        connection.sendall(status.to_bytes(1))
    os._exit(status)


def _receive(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data))
    return data


def _run() -> int:
    from server.app import main as program

    status = 0
    try:
        program()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does at the very end
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            status = status or 120
    return status


if __name__ == "__main__":
    main(sys.argv[1])
