"""create_app: settings, database, storage, doors. Wiring only.

What is wired is imported when it is wired: `phieu --help` needs none of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from server import cli

if TYPE_CHECKING:
    from server.config import Settings

_ENGINE = {"pool_size": 8, "max_overflow": 24, "pool_timeout": 20, "hide_parameters": True}


class Application(Flask):
    """Flask, with faults in our own log: its own would quote addresses, and tokens in them."""

    def log_exception(self, exc_info: Any) -> None:
        from server.log import fault, get_logger

        get_logger().error(
            "request failed", method=request.method, path=request.path, **fault(exc_info[1])
        )


def create_app(settings: Settings | None = None) -> Flask:
    """The application; without an argument it reads the environment."""
    app = create_core(settings)
    app.extensions["phieu_storage"].require_usable()
    _open_doors(app)
    return app


def create_core(settings: Settings | None = None) -> Flask:
    """The same with all its doors shut, as commands use it; `serve` opens them."""
    from server.config import read_settings
    from server.db import configure_sqlite, db
    from server.log import configure_logging
    from server.storage import open_storage

    settings = settings or read_settings()
    configure_logging()
    app = Application("server", root_path=str(Path(__file__).parent))
    app.config["PHIEU"] = settings
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = dict(_ENGINE)
    app.extensions["phieu_open_doors"] = _open_doors
    app.extensions["phieu_storage"] = storage = open_storage(settings)
    storage.prepare()
    db.init_app(app)
    with app.app_context():
        configure_sqlite(db.engine)
    return app


def _open_doors(app: Flask) -> None:
    from server.http.doors import open_doors

    open_doors(app, trusted_proxies=app.config["PHIEU"].trusted_proxies)


def main() -> None:
    """The console script `phieu`."""
    cli.run(create_core)


if __name__ == "__main__":
    main()
