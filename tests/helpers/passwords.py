"""Passwords that are sealed quickly: a test that needs an account needs no strong seal."""

from __future__ import annotations

from argon2 import PasswordHasher

from server.auth import passwords


def seal_quickly() -> None:
    """In this process. How strongly people's are sealed is tests/server/auth/test_passwords.py."""
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
