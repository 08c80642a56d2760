"""`phieu serve`: gunicorn with the application; the first start creates everything needed."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

import click
import segno
from flask import current_app
from flask.cli import with_appcontext
from gunicorn.app.base import BaseApplication

from server.actions.collecting import collect_address, phone_settings, qr_text
from server.actions.installation import FirstStart
from server.cli import gunicorn as config
from server.cli.addresses import announce
from server.cli.common import prepare, print_password, settings, words
from server.cli.work import work
from server.db import db
from server.log import fault, get_logger
from server.queries.jobs import Lane

_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104
_PATIENCE = 30.0


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured by `server.cli.gunicorn` and the command's options."""

    def __init__(self, app: object, options: dict[str, object]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in vars(config).items():
            if name in self.cfg.settings and value is not None:
                self.cfg.set(name, value)
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        return self._app


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets phones in.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@with_appcontext
def command(host: str, port: int, workers: int) -> None:
    """Serve phones and pages; the first start makes database, administrator and forms."""
    listener = _take_port(host, port)
    first = prepare()
    _greet(host, listener.getsockname()[1], first)
    db.session.remove()
    db.engine.dispose()
    descriptor = listener.detach()
    options = {"bind": f"fd://{descriptor}", "workers": workers}
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with _worker(descriptor, Lane.SHORT), _worker(descriptor, Lane.LONG):
        app.extensions["phieu_open_doors"](app)
        _Server(app, options).run()


def _take_port(host: str, port: int) -> socket.socket:
    """Bind before anything is created or promised; gunicorn listens on it later."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(f"{host}:{port}: {error.strerror}.") from error
    return listener


def _greet(host: str, port: int, first: FirstStart | None) -> None:
    """Say where the server is, and at the first start what only then can be said.

    A way in is a secret, and what a service prints is kept in a journal: only the trial phone's is
    shown, and only once.
    """
    shown = _lan_address() if host in _ANYWHERE else host
    address = announce(f"http://{_bracketed(shown)}:{port}")
    click.echo(f"Phiếu: {address}")
    if first is None:
        click.echo(words("serve_phones"))
        return
    print_password(first)
    collect = collect_address(address, first.token, first.project.id)
    click.echo(f"ODK Collect: {collect}")
    if sys.stdout.isatty():
        settings_text = qr_text(
            phone_settings(collect, project_name=first.project.name, language=settings().lang)
        )
        segno.make(settings_text, error="l").terminal(compact=True)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _lan_address() -> str:
    """The address of this machine in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


@contextmanager
def _worker(listener: int, lane: Lane) -> Iterator[None]:
    """A worker beside the web processes, forked off to share their memory; it ends with them.

    `listener` is the descriptor of the port, which is not a worker's to hold.
    """
    parent = os.getpid()
    worker = os.fork()
    if worker == 0:
        os.close(listener)
        _work(parent, lane)
    try:
        yield
    finally:
        if os.getpid() == parent:  # gunicorn's own processes pass here when they end
            _end(worker)


def _work(parent: int, lane: Lane) -> NoReturn:
    status = 1
    try:
        work(parent=parent, lane=lane)
        status = 0
    except BaseException as error:  # noqa: BLE001 - nothing above it is the worker's to run
        get_logger().error("worker failed", **fault(error))
    finally:
        os._exit(status)


def _end(worker: int) -> None:
    """Tell it to end and wait for its job, but not for ever; gunicorn may have seen it end."""
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(worker, signal.SIGTERM)
        until = time.monotonic() + _PATIENCE
        while os.waitpid(worker, os.WNOHANG) == (0, 0) and time.monotonic() < until:
            time.sleep(0.05)
