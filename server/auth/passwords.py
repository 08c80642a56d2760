"""Passwords: argon2id, and one-time passwords for people to type once."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from server.errors import PasswordTooShort, ValueNotAllowed

MIN_CHARACTERS = 10
MAX_BYTES = 72
_HASHER = PasswordHasher()
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """Central's limits: at least 10 characters, at most 72 bytes."""
    if len(password) < MIN_CHARACTERS:
        raise PasswordTooShort
    if len(password.encode()) > MAX_BYTES:
        raise ValueNotAllowed(field="password", value="…", reason="72 bytes at most")
    return _HASHER.hash(password)


def is_right(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def make_one_time_password() -> str:
    """Four groups without letters that look alike: `k7wd-2mnp-x4rt-9hqe`."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
