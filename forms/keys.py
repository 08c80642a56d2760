"""The RSA keys of encrypted forms, as forms and files hold them (openrosa.md §8.1)."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from .errors import KeyRefused

_SMALLEST = 1024  # below, OAEP with SHA-256 has hardly room for a key
_SHORT = 2048


def read_public_key(text: str) -> RSAPublicKey:
    """The key in `base64RsaPublicKey`; raise KeyRefused with what is wrong about it."""
    try:
        der = base64.b64decode(text.strip(), validate=True)
        key = load_der_public_key(der)
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused("key.unreadable") from error
    # Phones read SubjectPublicKeyInfo only; the library would take PKCS#1 too.
    if not isinstance(key, RSAPublicKey) or _der(key) != der:
        raise KeyRefused("key.not_rsa")
    if key.key_size < _SMALLEST:
        raise KeyRefused("key.too_short", bits=key.key_size)
    return key


def short_bits(text: str) -> int:
    """The size of a key that works but is short; 0 where it is long enough."""
    size = read_public_key(text).key_size
    return size if size < _SHORT else 0


def read_private_key(pem: bytes, passphrase: str | None = None) -> RSAPrivateKey:
    """An RSA private key in PEM; the passphrase is used where the file is locked by one."""
    password = passphrase.encode() if passphrase is not None and is_locked(pem) else None
    try:
        key = load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # TypeError is a missing passphrase; a wrong one and a damaged file look alike.
        raise KeyRefused("key.private_unreadable") from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyRefused("key.private_not_rsa")
    return key


def is_locked(pem: bytes) -> bool:
    """True if the file is opened by a passphrase; both kinds of armour say so."""
    return b"ENCRYPTED" in pem


def public_text(key: RSAPrivateKey | RSAPublicKey) -> str:
    """The public half as it stands in a form: base64 of SubjectPublicKeyInfo."""
    public = key.public_key() if isinstance(key, RSAPrivateKey) else key
    return base64.b64encode(_der(public)).decode()


def _der(key: RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
