"""What `phieu doctor` asks of an object store."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass

from server.config import SettingRefused
from server.errors import StorageUnavailable
from server.storage import Storage
from server.storage.objects import ObjectStorage


@dataclass(frozen=True, slots=True)
class Looked:
    """What is wrong with the store: the settings, or a code of what it does not do."""

    refusal: SettingRefused | None = None
    fault: str = ""
    keeps_versions: bool = False


def look_at(storage: Storage) -> Looked:
    """Write, read and remove a small file, as receiving and erasing do."""
    try:
        storage.require_usable()
        key = f"probe/{secrets.token_hex(12)}"
        storage.write(key, b"phieu")
        storage.file(key).read_bytes()
        storage.remove([key])
    except SettingRefused as error:
        return Looked(refusal=error)
    except (StorageUnavailable, FileNotFoundError) as error:
        code = error.details["code"] if isinstance(error, StorageUnavailable) else ""
        return Looked(fault=str(code) or type(error).__name__)
    with contextlib.suppress(StorageUnavailable, FileNotFoundError):  # not all stores tell
        return Looked(
            keeps_versions=isinstance(storage, ObjectStorage) and storage.keeps_versions()
        )
    return Looked()
