"""Open encrypted submissions by ODK's recipe (openrosa.md §8.3).

Files pass in pieces: memory does not grow with an attachment. Nothing is written here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import md5

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.hashes import SHA256

from .errors import DecryptionRefused, InstanceRefused, Sealed
from .instances import Instance, parse_instance
from .xml import MAX_BYTES, find_child, local_name

_OAEP = OAEP(MGF1(SHA256()), SHA256(), None)
_BLOCK = 16
_KEY_BYTES = 32

Read = Callable[[str], Iterable[bytes] | None]
"""The ciphertext of a file by its name, in pieces of any size; None where it has not arrived."""


class Signature(StrEnum):
    """What the check of a submission's signature found.

    It is encrypted with the public key: it shows that the parts belong together, not who made them.
    """

    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"
    UNCHECKED = "unchecked"  # a file that it covers is missing


@dataclass(frozen=True, slots=True)
class Envelope:
    """The encryption manifest that arrives as an encrypted submission's XML."""

    xml_form_id: str
    version: str
    instance_id: str
    encrypted_key: str
    media: tuple[str, ...]
    xml_name: str
    signature: str


@dataclass(frozen=True, slots=True)
class Decrypted:
    """An encrypted submission opened: its instance, and what was found on the way."""

    instance: Instance
    signature: Signature
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Digest:
    """The hash of a file's plaintext; None where it is missing, "" where it is damaged."""

    name: str
    md5: str | None


def parse_envelope(instance: Instance) -> Envelope:
    """Read the manifest by local names: clients use two namespaces for it (openrosa.md §8.2)."""
    root = instance.root
    envelope = Envelope(
        xml_form_id=instance.xml_form_id,
        version=instance.version,
        instance_id=instance.instance_id,
        encrypted_key=_text(instance, "base64EncryptedKey"),
        media=tuple(
            (file.text or "").strip()
            for media in root
            if local_name(media) == "media"
            for file in media
            if local_name(file) == "file"
        ),
        xml_name=_text(instance, "encryptedXmlFile"),
        signature=_text(instance, "base64EncryptedElementSignature"),
    )
    if not envelope.encrypted_key or not envelope.xml_name:
        raise DecryptionRefused(Sealed.DAMAGED, "the encryption manifest is not complete")
    return envelope


def decrypt_instance(envelope: Envelope, private_key: RSAPrivateKey, read: Read) -> Decrypted:
    """Open the instance and check the signature over every file, or raise DecryptionRefused.

    Media pass through for their hashes. A damaged one does not cost the answers: it is not what
    was signed, so the signature is invalid.
    """
    digests: list[_Digest] = []
    xml = b""
    for name, pieces in decrypt_files(envelope, unlock(envelope, private_key), read):
        is_instance = len(digests) == len(envelope.media)
        digests.append(_digest(name, [xml := _read_xml(pieces)] if is_instance else pieces))
    return Decrypted(
        instance=_parse(xml, envelope),
        signature=_check_signature(envelope, private_key, digests),
        missing=tuple(d.name for d in digests if d.md5 is None),
    )


def unlock(envelope: Envelope, private_key: RSAPrivateKey) -> bytes:
    """The submission's own symmetric key; refused where the private key is another one's."""
    key = _decrypt_base64(private_key, envelope.encrypted_key)
    if key is None or len(key) != _KEY_BYTES:
        raise DecryptionRefused(Sealed.OTHER_KEY)
    return key


def decrypt_files(
    envelope: Envelope, key: bytes, read: Read
) -> Iterator[tuple[str, Iterator[bytes] | None]]:
    """Yield name and plaintext pieces of every file, media first and the XML last.

    The pieces are None where the file is missing: it still takes its turn in the row of IVs.
    They raise DecryptionRefused at their end if the padding is not right.
    """
    seed = bytearray(md5(envelope.instance_id.encode() + key, usedforsecurity=False).digest())
    for i, name in enumerate((*envelope.media, envelope.xml_name)):
        seed[i % _BLOCK] = (seed[i % _BLOCK] + 1) % 256
        pieces = read(name)
        plain_name = name.removesuffix(".enc")
        yield plain_name, None if pieces is None else _decrypt(name, pieces, key, bytes(seed))


def _decrypt(name: str, pieces: Iterable[bytes], key: bytes, iv: bytes) -> Iterator[bytes]:
    """Decrypt, holding back the last block, which ends in padding."""
    decryptor = Cipher(AES(key), CFB(iv)).decryptor()
    held, size = b"", 0
    for piece in pieces:
        size += len(piece)
        held += decryptor.update(piece)
        yield held[:-_BLOCK]
        held = held[-_BLOCK:]
    held += decryptor.finalize()
    padding = held[-1] if held else 0
    is_whole = size > 0 and size % _BLOCK == 0
    if not is_whole or not 1 <= padding <= _BLOCK or held[-padding:] != bytes([padding]) * padding:
        raise DecryptionRefused(Sealed.DAMAGED, name)
    yield held[:-padding]


def _read_xml(pieces: Iterable[bytes] | None) -> bytes:
    if pieces is None:
        raise DecryptionRefused(Sealed.NO_INSTANCE)
    xml = bytearray()
    for piece in pieces:
        xml += piece
        if len(xml) > MAX_BYTES:
            raise DecryptionRefused(Sealed.DAMAGED, "the instance is too large")
    return bytes(xml)


def _digest(name: str, pieces: Iterable[bytes] | None) -> _Digest:
    if pieces is None:
        return _Digest(name, None)
    digest = md5(usedforsecurity=False)
    try:
        for piece in pieces:
            digest.update(piece)
    except DecryptionRefused:
        return _Digest(name, "")
    return _Digest(name, digest.hexdigest())


def _check_signature(
    envelope: Envelope, private_key: RSAPrivateKey, digests: list[_Digest]
) -> Signature:
    if any(d.md5 == "" for d in digests):
        return Signature.INVALID
    if not envelope.signature:
        return Signature.ABSENT
    if any(d.md5 is None for d in digests):
        return Signature.UNCHECKED
    version = [envelope.version] if envelope.version else []
    head = [envelope.xml_form_id, *version, envelope.encrypted_key, envelope.instance_id]
    lines = [*head, *(f"{d.name}::{d.md5}" for d in digests)]
    signed = md5("".join(f"{line}\n" for line in lines).encode(), usedforsecurity=False)
    is_valid = _decrypt_base64(private_key, envelope.signature) == signed.digest()
    return Signature.VALID if is_valid else Signature.INVALID


def _parse(xml: bytes, envelope: Envelope) -> Instance:
    """The instance, which must be the one that the manifest names."""
    try:
        instance = parse_instance(xml)
    except InstanceRefused as error:
        raise DecryptionRefused(Sealed.DAMAGED, str(error)) from error
    if (instance.xml_form_id, instance.instance_id) != (envelope.xml_form_id, envelope.instance_id):
        raise DecryptionRefused(Sealed.DAMAGED, "the manifest belongs to another instance")
    return instance


def _decrypt_base64(private_key: RSAPrivateKey, text: str) -> bytes | None:
    try:
        return private_key.decrypt(base64.b64decode("".join(text.split()), validate=True), _OAEP)
    except (binascii.Error, ValueError):
        return None


def _text(instance: Instance, name: str) -> str:
    element = find_child(instance.root, name)
    return (element.text or "").strip() if element is not None else ""
