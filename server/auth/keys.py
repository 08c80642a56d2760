"""A project's key pair: made here, its private half kept only as wrapped by a passphrase.

scrypt makes the wrapping key, slowly; AES-GCM wraps, so that a wrong passphrase is told from a
right one. The costs stand beside each key: they can be raised for new ones.
"""

from __future__ import annotations

import base64
import json
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from server.auth.passwords import MIN_CHARACTERS
from server.errors import PasswordTooShort, WrongPassphrase

_BITS = 2048  # what Collect's documentation asks for; larger keys cost phones time
_COSTS = {"n": 1 << 16, "r": 8, "p": 2}  # 64 MiB, under a second


def make_private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, _BITS)


def wrap_private_key(key: rsa.RSAPrivateKey, public: str, passphrase: str) -> str:
    """The private key as text that only the passphrase opens, bound to its public half."""
    if len(passphrase) < MIN_CHARACTERS:
        raise PasswordTooShort
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    wrapped = _cipher(passphrase, salt, **_COSTS).encrypt(nonce, plain, public.encode())
    parts = {"salt": salt, "nonce": nonce, "key": wrapped}
    texts = {name: base64.b64encode(part).decode() for name, part in parts.items()}
    return json.dumps({"kdf": "scrypt", **_COSTS, **texts})


def unwrap_private_key(
    wrapped: str, public: str, passphrase: str, *, hint: str | None = None
) -> rsa.RSAPrivateKey:
    """The private key again, or WrongPassphrase."""
    values = json.loads(wrapped)
    salt, nonce, sealed = (base64.b64decode(values[name]) for name in ("salt", "nonce", "key"))
    costs = {name: int(values[name]) for name in _COSTS}
    try:
        plain = _cipher(passphrase, salt, **costs).decrypt(nonce, sealed, public.encode())
    except InvalidTag as error:
        raise WrongPassphrase(hint=hint or "–") from error
    key = load_der_private_key(plain, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(type(key))
    return key


def _cipher(passphrase: str, salt: bytes, *, n: int, r: int, p: int) -> AESGCM:
    # One passphrase typed on two keyboards can be two sequences of characters.
    typed = unicodedata.normalize("NFC", passphrase).encode()
    return AESGCM(Scrypt(salt, 32, n, r, p).derive(typed))
