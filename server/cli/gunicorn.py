"""How gunicorn serves the application: `gunicorn -c python:server.cli.gunicorn …`.

Threads, because a phone on a weak network holds its request open for minutes; loaded before the
fork, so that the processes share their memory.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from typing import Any

import forms.workbooks  # noqa: F401 - whoever pushes a form needs it: once, not in each process

# A platform that says which port to take wants to reach it from outside.
_HOST = "0.0.0.0" if os.environ.get("PORT") else "127.0.0.1"  # noqa: S104
bind = f"{os.environ.get('HOST') or _HOST}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "server.cli.workers.EvenWorker"
threads = 64
preload_app = True
keepalive = 75
timeout = 120
graceful_timeout = 30
limit_request_line = 0
secure_scheme_headers: dict[str, str] = {}  # whom to believe is PHIEU_TRUSTED_PROXIES
limit_request_field_size = 16_380
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
loglevel = "warning"


_M_ARENA_MAX = -8


def on_starting(server: Any) -> None:
    """Two heaps are enough for threads that take turns; sixteen would never give memory back."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_ARENA_MAX, 2)


def when_ready(server: Any) -> None:
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Connections opened before the fork belong to the parent.

    Its handlers too: a process told to end before it listens for that would miss it.
    """
    from server.db import db

    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    gc.set_threshold(20_000, 20, 50)  # a slip makes thousands of objects and lets all of them go
    app = worker.app.wsgi()
    with app.app_context():
        db.engine.dispose(close=False)
