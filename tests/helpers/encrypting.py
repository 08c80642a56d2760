"""Encrypt a submission as ODK Collect does, from the written recipe (openrosa.md §8.2, §8.3).

Nothing of the program is imported here: what this writes, the program must be able to open. Run it
to encrypt by hand: `python encrypting.py PUBLIC_KEY_BASE64 instance.xml [FILE…]` puts the manifest
and the `.enc` files into the current folder.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

COLLECT = "http://www.opendatakit.org/xforms/encrypted"
AGGREGATE = "http://opendatakit.org/submissions"
File = tuple[str, bytes]


@dataclass(frozen=True)
class Sent:
    """What a phone sends of one filled form: the manifest, and the encrypted files in any order."""

    manifest: bytes
    files: tuple[File, ...]

    def without(self, name: str) -> Sent:
        return replace(self, files=tuple(f for f in self.files if f[0] != name))

    def changed(self, name: str, change: Callable[[bytes], bytes]) -> Sent:
        files = tuple((n, change(data) if n == name else data) for n, data in self.files)
        return replace(self, files=files)


def make_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def public_base64(key: rsa.RSAPrivateKey) -> str:
    """As the settings sheet's `public_key` and the XForm's base64RsaPublicKey hold it."""
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def private_pem(key: rsa.RSAPrivateKey, passphrase: str | None = None) -> bytes:
    how = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def encrypt(
    xml: bytes,
    public: str,
    media: Sequence[File] = (),
    *,
    namespace: str = COLLECT,
    signed: bool = True,
    symmetric: bytes | None = None,
) -> Sent:
    """Encrypt a filled form and its media."""
    root = ElementTree.fromstring(xml)
    form_id, version = root.attrib["id"], root.attrib.get("version", "")
    instance_id = next(
        e.text.strip() for e in root.iter() if e.tag.rpartition("}")[2] == "instanceID"
    )
    rsa_key = serialization.load_der_public_key(base64.b64decode(public))
    symmetric = symmetric or os.urandom(32)
    key_text = base64.b64encode(rsa_key.encrypt(symmetric, _oaep())).decode()

    seed = bytearray(hashlib.md5(instance_id.encode("utf-8") + symmetric).digest())
    encrypted = []
    lines = [form_id] + ([version] if version else []) + [key_text, instance_id]
    for index, (name, data) in enumerate([*media, ("submission.xml", xml)]):
        seed[index % 16] = (seed[index % 16] + 1) % 256
        encrypted.append((f"{name}.enc", _cfb(_pad(data), symmetric, bytes(seed))))
        lines.append(f"{name}::{hashlib.md5(data).hexdigest()}")
    digest = hashlib.md5(("\n".join(lines) + "\n").encode("utf-8")).digest()
    signature = base64.b64encode(rsa_key.encrypt(digest, _oaep())).decode()
    manifest = _manifest(
        namespace, form_id, version, key_text, instance_id, [name for name, _ in media],
        signature if signed else "",
    )  # fmt: skip
    return Sent(manifest, tuple(encrypted))


def _oaep() -> padding.OAEP:
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def _pad(data: bytes) -> bytes:
    count = 16 - len(data) % 16
    return data + bytes([count]) * count


def _cfb(data: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-256 in CFB with full blocks, written out with nothing but the block cipher."""
    block = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    out = bytearray()
    previous = iv
    for at in range(0, len(data), 16):
        stream = block.update(previous)
        previous = bytes(a ^ b for a, b in zip(data[at : at + 16], stream, strict=True))
        out += previous
    return bytes(out)


def _manifest(namespace, form_id, version, key_text, instance_id, names, signature) -> bytes:
    media = "".join(f"<media><file>{escape(name)}.enc</file></media>" for name in names)
    version_text = f" version={quoteattr(version)}" if version else ""
    sealed = "base64EncryptedElementSignature"
    return (
        f'<data xmlns="{namespace}" id={quoteattr(form_id)}{version_text} encrypted="yes">'
        f"<base64EncryptedKey>{key_text}</base64EncryptedKey>"
        '<orx:meta xmlns:orx="http://openrosa.org/xforms">'
        f"<orx:instanceID>{escape(instance_id)}</orx:instanceID></orx:meta>{media}"
        "<encryptedXmlFile>submission.xml.enc</encryptedXmlFile>"
        + (f"<{sealed}>{signature}</{sealed}>" if signature else "")
        + "</data>"
    ).encode()


if __name__ == "__main__":
    public_key, instance, *others = sys.argv[1:]
    sent = encrypt(
        Path(instance).read_bytes(),
        public_key,
        [(Path(name).name, Path(name).read_bytes()) for name in others],
    )
    Path("manifest.xml").write_bytes(sent.manifest)
    for name, data in sent.files:
        Path(name).write_bytes(data)
