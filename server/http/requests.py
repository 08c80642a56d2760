"""What every protocol needs of a request: settings, storage, addresses."""

from __future__ import annotations

from typing import cast

from flask import current_app, request
from werkzeug.routing import BaseConverter

from server.config import Settings
from server.storage import Storage

SLASH = "\ue000"
"""Stands for an encoded slash while a path is routed; see `keep_slashes`."""


class SegmentConverter(BaseConverter):
    """One path segment, which may hold slashes that the client encoded as %2F."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.replace(SLASH, "/")

    def to_url(self, value: str) -> str:
        return super().to_url(value).replace("/", "%2F")


def settings() -> Settings:
    return cast(Settings, current_app.config["PHIEU"])


def storage() -> Storage:
    return cast(Storage, current_app.extensions["phieu_storage"])


def base_url() -> str:
    """The address that people and phones use, without a slash at the end."""
    return settings().public_url or request.host_url.rstrip("/")
