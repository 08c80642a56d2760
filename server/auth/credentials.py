"""Name and password → who it is, by Basic or by Digest; whether the account exists is not told."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

from server.auth import digest, passwords
from server.auth.digest import DigestAnswer, NonceState
from server.auth.throttling import record_failure, record_success, require_patience
from server.auth.tokens import seal, unseal
from server.errors import SecretKeyChanged, Unauthenticated
from server.queries import actors
from server.queries.actors import SignInRow


@dataclass(frozen=True, slots=True)
class Request:
    """What the credentials came with: method and address are part of a Digest answer."""

    method: str
    path: str
    query: str
    source: str
    behind_proxy: bool = False


def check_password(email: str, password: str, *, source: str, is_logged: bool = True) -> SignInRow:
    """The user of that name and password; Unauthenticated or TooManyAttempts otherwise.

    Whoever logs the sign-in, as a session's beginning, says `is_logged=False`.
    """
    user = _find(email)
    if user is not None and _proven.holds(password, user.password_hash):
        return user
    require_patience(email, source)
    known_hash = user.password_hash if user is not None else None
    with _hashing:
        is_right = passwords.is_right(password, known_hash or _nobodys_hash())
    if user is None or known_hash is None or not is_right:
        record_failure(email, source, actor_id=user.actor_id if user else None)
        raise Unauthenticated
    _proven.add(password, known_hash)
    record_success(email, source, actor_id=user.actor_id, is_logged=is_logged)
    return user


def check_digest(answer: DigestAnswer, request: Request, *, secret_key: str) -> SignInRow:
    """The user of a Digest answer; Unauthenticated says `stale` where only the nonce is too old."""
    state = digest.check_nonce(answer.nonce, secret_key, time.time())
    if state is NonceState.FORGED or not _is_for(answer, request):
        raise Unauthenticated
    user = _find(answer.username)
    sealed = user.digest_ha1 if user is not None else None
    ha1 = _unseal_ha1(sealed, secret_key)
    is_right = digest.is_right(answer, ha1, request.method)
    if not is_right or not _proven.holds(request.source, ha1):
        require_patience(answer.username, request.source)
    if user is None or sealed is None or not is_right:
        whose = user.actor_id if user else None
        record_failure(answer.username, request.source, actor_id=whose)
        raise Unauthenticated
    if not _proven.holds(request.source, ha1):
        _proven.add(request.source, ha1)
        record_success(answer.username, request.source, actor_id=user.actor_id)
    if state is NonceState.STALE:
        raise Unauthenticated(stale=True)
    return user


def _unseal_ha1(sealed: str | None, secret_key: str) -> str:
    """Nobody's where there is none, or where it was sealed with a key that is gone."""
    nobodys = _nobodys_ha1(secret_key)
    try:
        return unseal(sealed or nobodys, secret_key)
    except SecretKeyChanged:
        return unseal(nobodys, secret_key)


def _is_for(answer: DigestAnswer, request: Request) -> bool:
    return digest.is_for(answer, request.path, request.query, behind_proxy=request.behind_proxy)


def _find(email: str) -> SignInRow | None:
    user = actors.find_sign_in(email) if "\0" not in email else None
    return user if user is not None and user.disabled_at is None else None


class _Proven:
    """What was found right: a password with its hash; of Digest, a place with the HA1.

    A phone's every request then costs no slow hash and meets no limit. Nothing of it is held but a
    keyed digest, with a key of this process. What changes, or is another, is asked for again.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def holds(self, given: str, kept: str | None) -> bool:
        return kept is not None and self._mark(given, kept) in self._known

    def add(self, given: str, kept: str) -> None:
        with self._lock:
            self._known[self._mark(given, kept)] = None
            while len(self._known) > self._size:
                self._known.popitem(last=False)

    def _mark(self, given: str, kept: str) -> bytes:
        return hmac.new(self._key, f"{kept}\0{given}".encode(), hashlib.sha256).digest()


_proven = _Proven(5_000)
_hashing = threading.BoundedSemaphore(2)  # each takes 64 MB for a moment


@cache
def _nobodys_hash() -> str:
    """A hash that takes as long as anybody's; made at the first need."""
    return passwords.hash_password(secrets.token_urlsafe(32))


@cache
def _nobodys_ha1(secret_key: str) -> str:
    return seal(secrets.token_hex(16), secret_key)
