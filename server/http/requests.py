"""What every protocol needs of a request: settings, storage, addresses."""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote

from flask import current_app, request
from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

from server.actions.checking.slips import Checker
from server.auth.callers import Occasion
from server.config import Settings
from server.errors import HeaderRefused, SecureChannelNeeded
from server.storage import Storage

SLASH = "\ue000"
"""Stands for an encoded slash while a path is routed; see `keep_slashes`."""


class SegmentConverter(BaseConverter):
    """One path segment, which may hold slashes that the client encoded as %2F."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        if "\0" in value:
            raise ValidationError  # no id or name has it, and PostgreSQL does not take it
        return value.replace(SLASH, "/")

    def to_url(self, value: str) -> str:
        return super().to_url(value).replace("/", "%2F")


class IdConverter(IntegerConverter):
    """The id of a row: a number that the database has room for."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the name that werkzeug gives
        super().__init__(map, min=1, max=2**31 - 1)


def settings() -> Settings:
    return cast(Settings, current_app.config["PHIEU"])


def storage() -> Storage:
    return cast(Storage, current_app.extensions["phieu_storage"])


def checker() -> Checker:
    return Checker.of(settings(), storage())


def require_secure() -> None:
    """Passwords are taken over https only; a trusted proxy's word counts (openrosa.md §3.1)."""
    if not request.is_secure:
        raise SecureChannelNeeded


def action_notes() -> str:
    """What the client says the request is for (central-api.md §1.10), as the audit log keeps it."""
    try:
        notes = unquote(request.headers.get("X-Action-Notes", ""), errors="strict")
    except UnicodeDecodeError as error:
        raise HeaderRefused(field="X-Action-Notes", value="…") from error
    return notes.replace("\0", "").strip()[:1000]


def source() -> str:
    """The address that the request comes from."""
    return request.remote_addr or ""


def occasion() -> Occasion:
    return Occasion.now(settings().tz, source(), action_notes())


def base_url() -> str:
    """The address that people and phones use, without a slash at the end."""
    return settings().public_url or request.host_url.rstrip("/")
