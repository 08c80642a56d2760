"""Passwords: argon2id, what makes one weak, and one-time passwords for people to type once."""

from __future__ import annotations

import re
import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from server.errors import PasswordTooLong, PasswordTooShort, PasswordTooWeak

MIN_CHARACTERS = 10
MAX_BYTES = 72
_HASHER = PasswordHasher()
_COMMON = Path(__file__).parent.parent / "data" / "common_passwords.txt"
_REPEATED = re.compile(r"(.{1,5}?)\1+.{0,4}", re.DOTALL)
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def require_strong(password: str, email: str) -> None:
    """Central's limits and its 400.44, kept simple: PasswordTooWeak for what is guessed first."""
    _require_length(password)
    typed = password.casefold()
    if typed in _common():
        raise PasswordTooWeak(warning="common", suggestions=[])
    if _REPEATED.fullmatch(typed):
        raise PasswordTooWeak(warning="repeated", suggestions=[])
    if _is_name(typed, email.casefold()):
        raise PasswordTooWeak(warning="name", suggestions=[])


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


def _is_name(typed: str, email: str) -> bool:
    """True for the address, or the name in it, with little more."""
    rest = typed.replace(email, "").replace(email.partition("@")[0], "")
    return rest != typed and len(rest) <= MIN_CHARACTERS // 2


def hash_password(password: str) -> str:
    _require_length(password)
    return _HASHER.hash(password)


def _require_length(password: str) -> None:
    """Central's limits: at least 10 characters, at most 72 bytes."""
    if len(password) < MIN_CHARACTERS:
        raise PasswordTooShort
    if len(password.encode()) > MAX_BYTES:
        raise PasswordTooLong


def is_right(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def make_one_time_password() -> str:
    """Four groups without letters that look alike: `k7wd-2mnp-x4rt-9hqe`."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
