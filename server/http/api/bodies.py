"""JSON bodies in, by schemas; JSON values that every schema shares (central-api.md §1.4, §1.6)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge

from server.errors import (
    BodyTooLarge,
    EncodingUnknown,
    FieldMissing,
    FieldsMissing,
    HeaderRefused,
    NotJson,
    WrongType,
)

LIMIT = 250_000
_DIGITS = 9


class Body(Schema):
    """What a request brings; what nobody asked for is passed over."""

    class Meta:
        """Central's browsers add `__csrf`."""

        unknown = EXCLUDE


class Secret(fields.String):
    """Text that no answer repeats: a password."""


class Timestamp(fields.Field[datetime]):
    """UTC with exactly three digits and Z: ruODK reads that pattern literally."""

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else stamp(value)


def stamp(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flag(name: str) -> bool | None:
    """A boolean of the query in any letter case; anything else is not given (§1.3)."""
    return {"true": True, "false": False}.get(request.args.get(name, "").lower())


def number(name: str) -> int | None:
    """A number of the query that is not negative."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise WrongType(field=name, expected="integer")
    if len(text) > _DIGITS:
        raise WrongType(subject="too_large", field=name, expected="integer")
    return int(text)


def is_extended() -> bool:
    return request.headers.get("X-Extended-Metadata", "").lower() == "true"


def read(schema: Schema, *, together: bool = False) -> dict[str, Any]:
    """The body as the schema loads it. With `together`, one field missing is all of them."""
    body = read_json()
    missing = [n for n, f in schema.fields.items() if f.required and body.get(n) in (None, "")]
    if len(missing) == 1 and not together:
        raise FieldMissing(field=missing[0])
    if missing:
        expected = [name for name, field in schema.fields.items() if field.required]
        raise FieldsMissing(expected=expected, got=_repeatable(schema, body))
    try:
        return dict(schema.load(body))
    except ValidationError as error:
        [name, *_] = error.messages_dict
        [field] = [f for n, f in schema.fields.items() if name in (n, f.data_key)]
        expected_type = type(field).__name__.lower()
        raise WrongType(field=name, expected=expected_type.replace("secret", "string")) from error


def read_json(limit: int = LIMIT) -> dict[str, Any]:
    """The object of the body; an empty one where there is none."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise EncodingUnknown
    raw = _read_bytes(limit)
    if not raw:
        return {}
    if request.mimetype != "application/json":
        raise HeaderRefused(field="Content-Type", value=request.mimetype)
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()  # halves of surrogate pairs are no text
    except (ValueError, RecursionError) as error:
        raise NotJson(subject="json", format="json", rawLength=len(raw)) from error
    if not isinstance(body, dict):
        raise WrongType(field="body", expected="object")
    return body


def _read_bytes(limit: int) -> bytes:
    """Kept by the request, since the check of a cookie reads the body too."""
    if (request.content_length or 0) > limit:
        raise BodyTooLarge(limit=limit)
    request.max_content_length = limit
    try:
        return request.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise BodyTooLarge(limit=limit) from error


def _repeatable(schema: Schema, body: dict[str, Any]) -> dict[str, Any]:
    """What was given, without secrets."""
    return {
        name: body[name]
        for name, field in schema.fields.items()
        if name in body and not isinstance(field, Secret)
    }
