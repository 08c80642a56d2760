"""Open encrypted submissions while they are exported: in memory, with keys that a person brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from forms.encryption import (
    Decrypted,
    Envelope,
    Read,
    Signature,
    decrypt_files,
    decrypt_instance,
    parse_envelope,
    unlock,
)
from forms.errors import DecryptionRefused, KeyRefused, Sealed
from forms.instances import parse_instance
from forms.keys import is_locked, public_text, read_private_key
from server.auth.keys import unwrap_private_key
from server.errors import NotFound, WrongKey, WrongPassphrase
from server.models import Form
from server.queries import keys, submission_attachments
from server.storage import KeptFile, Storage

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Unlocking:
    """What a person brings to open encrypted submissions.

    The passphrase opens the project's key, or a key file that is locked. Files are (name, PEM).
    `by_key` are passphrases by the number of the key that they open; others are passed over.
    """

    passphrase: str | None = field(default=None, repr=False)
    key_files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    by_key: tuple[tuple[int, str], ...] = field(default=(), repr=False)


class Status(StrEnum):
    """What is not as it should be with an encrypted submission; the first two are Central's."""

    NOT_DECRYPTED = "not decrypted"
    NO_INSTANCE = "missing encrypted form data"
    DAMAGED = "damaged encrypted form data"
    BAD_SIGNATURE = "invalid signature"
    NO_SIGNATURE = "no signature"
    UNCHECKED = "signature not checked: files are missing"


_OF_SEALED = {
    Sealed.OTHER_KEY: Status.NOT_DECRYPTED,
    Sealed.NO_INSTANCE: Status.NO_INSTANCE,
    Sealed.DAMAGED: Status.DAMAGED,
}
_OF_SIGNATURE = {
    Signature.INVALID: Status.BAD_SIGNATURE,
    Signature.ABSENT: Status.NO_SIGNATURE,
    Signature.UNCHECKED: Status.UNCHECKED,
}


@dataclass(frozen=True, slots=True)
class _VersionKeys:
    """The private keys to try on submissions of a form version, and if it is its own."""

    private: tuple[RSAPrivateKey, ...] = ()
    is_own: bool = False


class Opener:
    """Opens the encrypted submissions of an export, each with the key of its form version."""

    def __init__(
        self, unlocking: Unlocking, form: Form, versions: Mapping[int, str], storage: Storage
    ) -> None:
        """`versions` are the public keys by form version, "" where there is none.

        Raises the one error that says why a passphrase or a key is not right.
        """
        self.decrypted = 0
        self.statuses: Counter[Status] = Counter()
        self._opened: set[int] = set()
        self._storage = storage
        private = _open_keys(unlocking, form, versions.values())
        by_public = {public_text(key): key for key in private}
        self._keys = {
            id_: _VersionKeys((by_public[public],), is_own=True)
            if public in by_public
            else _VersionKeys(() if public else private)
            for id_, public in versions.items()
        }

    def forget(self) -> None:
        """Begin to count anew: what was read so far is read again."""
        self.decrypted = 0
        self.statuses.clear()
        self._opened.clear()

    def open(
        self, xml: bytes, *, version_id: int, form_version_id: int
    ) -> tuple[etree._Element, str]:
        """The instance's tree, empty where it stays closed, and what there is to say of it."""
        try:
            opened = self._decrypt(parse_envelope(parse_instance(xml)), version_id, form_version_id)
        except DecryptionRefused as error:
            root, status = etree.Element("data"), _OF_SEALED.get(error.reason)
        else:
            root, status = opened.instance.root, _OF_SIGNATURE.get(opened.signature)
            self.decrypted += version_id not in self._opened
        if status is not None and version_id not in self._opened:
            self.statuses[status] += 1
        self._opened.add(version_id)  # what is read again counts once
        return root, status or ""

    def open_files(
        self, xml: bytes, *, version_id: int, form_version_id: int
    ) -> Iterator[tuple[str, Iterator[bytes] | None]]:
        """The media, each by its name with its bytes in the clear, None where it has not come.

        Raises DecryptionRefused where the submission stays closed.
        """
        envelope = parse_envelope(parse_instance(xml))
        for key in self._keys.get(form_version_id, _VersionKeys()).private:
            with suppress(DecryptionRefused):
                symmetric = unlock(envelope, key)
                break
        else:
            raise DecryptionRefused(Sealed.OTHER_KEY)
        files = decrypt_files(envelope, symmetric, self._reader(version_id))
        yield from islice(files, len(envelope.media))

    def _decrypt(self, envelope: Envelope, version_id: int, form_version_id: int) -> Decrypted:
        keys_of = self._keys.get(form_version_id, _VersionKeys())
        read = self._reader(version_id) if keys_of.private else _nothing
        for key in keys_of.private:
            try:
                return decrypt_instance(envelope, key, read)
            except DecryptionRefused as error:
                if error.reason is not Sealed.OTHER_KEY:
                    raise
        raise DecryptionRefused(Sealed.DAMAGED if keys_of.is_own else Sealed.OTHER_KEY)

    def _reader(self, version_id: int) -> Read:
        files = {
            file.name: self._storage.file(file.storage_key)
            for file in submission_attachments.list_attachments(version_id)
            if file.storage_key and not file.is_conflict
        }

        def read(name: str) -> Iterator[bytes] | None:
            return _pieces(files[name]) if name in files else None

        return read


def _open_keys(
    unlocking: Unlocking, form: Form, publics: Iterable[str]
) -> tuple[RSAPrivateKey, ...]:
    opened = []
    wanted = {key for key in publics if key}
    for name, pem in unlocking.key_files:
        key = _open_file(name, pem, unlocking.passphrase, form)
        if wanted and public_text(key) not in wanted:
            raise WrongKey(name=name, form=form.xml_form_id)
        opened.append(key)
    is_for_files = any(is_locked(pem) for _, pem in unlocking.key_files)
    if unlocking.passphrase is not None and not is_for_files:
        opened.append(_open_project_key(form.project_id, unlocking.passphrase))
    for id_, passphrase in unlocking.by_key:
        managed = keys.find_key(id_)
        if managed is not None and managed.private and managed.public in wanted:
            opened.append(
                unwrap_private_key(managed.private, managed.public, passphrase, hint=managed.hint)
            )
    return tuple(opened)


def _open_file(name: str, pem: bytes, passphrase: str | None, form: Form) -> RSAPrivateKey:
    try:
        return read_private_key(pem, passphrase)
    except KeyRefused as error:
        if is_locked(pem):
            raise WrongPassphrase(hint="–") from error
        raise WrongKey(name=name, form=form.xml_form_id) from error


def _open_project_key(project_id: int, passphrase: str) -> RSAPrivateKey:
    key = keys.find_project_key(project_id)
    if key is None or key.private is None:
        raise NotFound(subject="key", name=project_id)
    return unwrap_private_key(key.private, key.public, passphrase, hint=key.hint)


def _nothing(_name: str) -> None:
    return None


def _pieces(kept: KeptFile) -> Iterator[bytes]:
    with kept.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece
