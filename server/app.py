"""create_app: settings, extensions, blueprints. Wiring only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from server import cli
from server.config import Settings, read_settings
from server.db import configure_sqlite, db
from server.http import api, openrosa, probes, web
from server.http.api import envelopes as json_envelopes
from server.http.openrosa import envelopes
from server.http.requests import SLASH, IdConverter, SegmentConverter
from server.http.requests import settings as settings_of_request
from server.http.web import pages
from server.log import configure_logging, fault, get_logger
from server.storage import Storage

_ENGINE = {"pool_size": 8, "max_overflow": 24, "pool_timeout": 20, "hide_parameters": True}


class Application(Flask):
    """Flask, with faults in our own log: its own would quote addresses, and tokens in them."""

    def log_exception(self, exc_info: Any) -> None:
        get_logger().error(
            "request failed", method=request.method, path=request.path, **fault(exc_info[1])
        )


_OF_PHONES = ("/formList", "/submission", "/upload", "/formUpload", "/formXml")


def create_app(settings: Settings | None = None) -> Flask:
    """The application; without an argument it reads the environment."""
    settings = settings or read_settings()
    configure_logging()
    app = Application("server", root_path=str(Path(__file__).parent))
    app.config["PHIEU"] = settings
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = dict(_ENGINE)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters |= {"segment": SegmentConverter, "id": IdConverter}
    app.extensions["phieu_storage"] = storage = Storage(settings.storage)
    storage.prepare()
    db.init_app(app)
    with app.app_context():
        configure_sqlite(db.engine)
    openrosa.register(app)
    api.register(app)
    app.register_blueprint(probes.bp)
    web.register(app)
    app.register_error_handler(HTTPException, _routing_refusal)
    app.wsgi_app = keep_slashes(app.wsgi_app)  # type: ignore[method-assign]
    if count := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, count)  # type: ignore[method-assign]
    return app


def keep_slashes(wsgi: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Route on the path as it was sent: an encoded slash in an id is not a separator.

    WSGI hands over a decoded path; gunicorn and werkzeug keep the raw one beside it.
    """

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
        if "%2F" in raw or "%2f" in raw:
            path = raw.partition("?")[0].replace("%2f", "%2F")
            decoded = unquote_to_bytes(path.replace("%2F", SLASH))
            environ["PATH_INFO"] = decoded.decode("latin-1")
        return wsgi(environ, start_response)

    return application


def _routing_refusal(error: HTTPException) -> Response:
    """Routing errors reach no blueprint: choose the envelope by route (design §11)."""
    if error.response is not None or error.code is None:
        return Response(status=500)
    if request.path.endswith(_OF_PHONES) or request.path.startswith(("/v1/key/", "/v1/test/")):
        response = envelopes.http_refusal(error)
        return envelopes.add_headers(response, settings_of_request())
    if request.path == "/v1" or request.path.startswith("/v1/"):
        return json_envelopes.add_headers(json_envelopes.http_refusal(error))
    return pages.add_headers(pages.http_refusal(error))


def main() -> None:
    """The console script `phieu`."""
    cli.run(create_app)


if __name__ == "__main__":
    main()
