"""Hashes and encodings."""

from __future__ import annotations

import base64
import hashlib
import re

from forms.errors import NotEvaluated

from ..values import Value, to_text
from .kinds import Function, Plain

_ALGORITHMS = {
    "md5": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
}
_FOREIGN = re.compile(r"[^A-Za-z0-9+/=]")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def _digest(value: Value, algorithm: Value, encoding: Value = "base64") -> str:
    name = _ALGORITHMS.get(to_text(algorithm).lower().replace("-", ""))
    how = to_text(encoding).lower()
    if name is None or how not in ("base64", "hex"):
        raise NotEvaluated(f"no digest is {to_text(algorithm)} in {how}")
    digest = hashlib.new(name, to_text(value).encode(), usedforsecurity=False)
    return digest.hexdigest() if how == "hex" else base64.b64encode(digest.digest()).decode()


def _base64_decode(value: Value) -> str:
    """What is no letter of the alphabet does not count; what is too short is empty."""
    text = _FOREIGN.sub("", to_text(value))
    if _BASE64.fullmatch(text) is None:
        return ""
    return base64.b64decode(text).decode("utf-8", "replace")


FUNCTIONS: dict[str, Function] = {
    "base64-decode": Plain(_base64_decode, 1),
    "digest": Plain(_digest, 2, 3),
}
