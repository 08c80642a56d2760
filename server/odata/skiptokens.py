"""`$skiptoken`: the last row that was given, by which the next page begins (§13.4)."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode

from server.errors import SkiptokenUnreadable

_VERSION = "01"
_MAX = 1000


def write_token(**last: str) -> str:
    return _VERSION + b64encode(json.dumps(last, separators=(",", ":")).encode()).decode()


def read_token(token: str, name: str) -> str:
    """What a token says of the last row; raise SkiptokenUnreadable for one that is none of ours."""
    if not token.startswith(_VERSION) or len(token) > _MAX:
        raise SkiptokenUnreadable
    packed = token.removeprefix(_VERSION).replace(" ", "+")
    try:
        last = json.loads(b64decode(packed, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise SkiptokenUnreadable from error
    value = last.get(name) if isinstance(last, dict) else None
    if not isinstance(value, str) or "\0" in value or not value.isprintable():
        raise SkiptokenUnreadable
    return value
