"""Every door of the server in one application: routes, refusals, the path as it was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from server.http import api, openrosa, probes, web
from server.http.api import envelopes as json_envelopes
from server.http.openrosa import envelopes
from server.http.requests import SLASH, IdConverter, SegmentConverter, settings
from server.http.web import pages

_OF_PHONES = ("/formList", "/submission", "/upload", "/formUpload", "/formXml")


def open_doors(app: Flask, *, trusted_proxies: int) -> None:
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters |= {"segment": SegmentConverter, "id": IdConverter}
    openrosa.register(app)
    api.register(app)
    app.register_blueprint(probes.bp)
    web.register(app)
    app.register_error_handler(HTTPException, _routing_refusal)
    app.wsgi_app = keep_slashes(app.wsgi_app)  # type: ignore[method-assign]
    if count := trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, count)  # type: ignore[method-assign]


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
        return envelopes.add_headers(response, settings())
    if request.path == "/v1" or request.path.startswith("/v1/"):
        return json_envelopes.add_headers(json_envelopes.http_refusal(error))
    return pages.add_headers(pages.http_refusal(error))
