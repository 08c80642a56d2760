"""Tokens: found by their hash, and sealed with the secret key so that they can be shown again."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import string

from cryptography.fernet import Fernet, InvalidToken

from server.errors import SecretKeyChanged

LENGTH = 64
_ALPHABET = string.ascii_letters + string.digits
_SHAPE = re.compile(r"[A-Za-z0-9!$]{64}")


def make_token() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def has_token_shape(text: str) -> bool:
    """False for what cannot be a token; Central's alphabet has `!` and `$` too."""
    return _SHAPE.fullmatch(text) is not None


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def seal(token: str, secret_key: str) -> str:
    return _fernet(secret_key).encrypt(token.encode()).decode()


def unseal(sealed: str, secret_key: str) -> str:
    """The token again; SecretKeyChanged where it was sealed with another key."""
    try:
        return _fernet(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretKeyChanged from error


def _fernet(secret_key: str) -> Fernet:
    key = hashlib.blake2b(secret_key.encode(), digest_size=32, person=b"phieu-seal").digest()
    return Fernet(base64.urlsafe_b64encode(key))
