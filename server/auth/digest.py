"""HTTP Digest as Collect's library speaks it: RFC 7616, RFC 2069 without qop (openrosa.md §3.3).

Nonces are stateless: a moment and its signature, so that any process can check any other's.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote
from urllib.request import parse_http_list

REALM = "phieu"
OPAQUE = hashlib.md5(REALM.encode(), usedforsecurity=False).hexdigest()
LIFETIME = 12 * 3600
_CLOCKS_APART = 300


class NonceState(Enum):
    """STALE: ours, but too old; the client is asked to repeat with a fresh one."""

    FRESH = "fresh"
    STALE = "stale"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class DigestAnswer:
    """What a client answers to the challenge, as it wrote it."""

    username: str
    nonce: str
    uri: str
    response: str
    qop: str
    nc: str
    cnonce: str


def parse_answer(text: str) -> DigestAnswer | None:
    """Read what follows `Digest `; None where something needed is missing or is not offered."""
    pairs = (item.partition("=") for item in parse_http_list(text))
    values = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
    names = ("username", "nonce", "uri", "response", "qop", "nc", "cnonce")
    answer = DigestAnswer(*(values.get(name, "") for name in names))
    algorithm = values.get("algorithm", "MD5").upper()
    is_whole = all((answer.username, answer.nonce, answer.uri, answer.response))
    is_ours = values.get("realm") == REALM and algorithm == "MD5" and answer.qop in ("", "auth")
    return answer if is_whole and is_ours else None


def challenge(nonce: str, *, stale: bool = False) -> str:
    """The value of a WWW-Authenticate line."""
    text = f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5, opaque="{OPAQUE}"'
    return f"{text}, stale=true" if stale else text


def make_nonce(secret_key: str, now: float) -> str:
    moment = f"{int(now):x}"
    return f"{moment}.{_sign(moment, secret_key)}"


def check_nonce(nonce: str, secret_key: str, now: float) -> NonceState:
    moment, _, signature = nonce.partition(".")
    if not hmac.compare_digest(signature.encode(), _sign(moment, secret_key).encode()):
        return NonceState.FORGED
    age = now - int(moment, 16)
    return NonceState.FRESH if -_CLOCKS_APART <= age <= LIFETIME else NonceState.STALE


def make_ha1(username: str, password: str) -> str:
    """What has to be kept of a password for Digest; it is worth as much as the password here."""
    return _md5(f"{username}:{REALM}:{password}")


def is_right(answer: DigestAnswer, ha1: str, method: str) -> bool:
    ha2 = _md5(f"{method}:{answer.uri}")
    parts = [ha1, answer.nonce, ha2]
    if answer.qop:
        parts = [ha1, answer.nonce, answer.nc, answer.cnonce, answer.qop, ha2]
    return hmac.compare_digest(_md5(":".join(parts)).encode(), answer.response.lower().encode())


def is_for(answer: DigestAnswer, path: str, query: str, *, behind_proxy: bool) -> bool:
    """True if the answer was made for this address; a proxy may have cut a prefix off the path."""
    asked, _, asked_query = answer.uri.partition("?")
    asked = unquote(asked)
    is_same = asked.endswith(path) if behind_proxy else asked == path
    return is_same and asked_query == query


def _sign(moment: str, secret_key: str) -> str:
    key = f"digest nonce {secret_key}".encode()
    return hmac.new(key, moment.encode(), hashlib.sha256).hexdigest()[:32]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
