"""What is asked of a storage, whether its files lie in a folder or in an object store.

A file is kept under a name made of hashes: no name from outside is a path. What is kept is durable
before the call returns: in a folder after write, fsync, rename, fsync of the folder; in a store
after its answer (design, promise 1).
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol

from server.storage.disk import PRIVATE
from server.storage.uploads import Upload, UploadWriter, receive, sweep


class KeptFile(Protocol):
    """A file to read; in a folder it is a path. FileNotFoundError where there is none."""

    def open(self, mode: Literal["rb"], /) -> IO[bytes]: ...
    def read_bytes(self) -> bytes: ...
    def is_file(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that the storage holds, and when it was written, in seconds of the epoch."""

    key: str
    written_at: float


class Storage(ABC):
    """Kept files by key, and in a folder on this machine what is under way.

    Raises StorageUnavailable where a store does not answer: then nothing may be acknowledged.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uploads = root / "uploads"

    def prepare(self) -> None:
        """Create the folders; once, before anything is received."""
        self.root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        self.uploads.mkdir(mode=PRIVATE, exist_ok=True)

    def receive(self) -> AbstractContextManager[UploadWriter]:
        """Write an upload; the file is gone after a fault."""
        return receive(self.uploads)

    def sweep(self, *, older_than: float) -> int:
        """Remove uploads that no request finished; return how many."""
        return sweep(self.uploads, older_than=older_than)

    def place(self, key: str) -> Path:
        """Where this machine writes a file that `settle` then keeps under that key."""
        return self.root / key

    @abstractmethod
    def settle(self, key: str) -> None:
        """Keep, durably, what was written into its place."""

    @abstractmethod
    def keep(self, upload: Upload, owner: str) -> str:
        """Give an upload its place, durably, and return its key; the upload itself stays.

        The key holds the owner (a hash of the instance) and the content: the same file sent again
        lands on itself, and erasing one submission touches no other.
        """

    @abstractmethod
    def write(self, key: str, data: bytes) -> None:
        """Keep these bytes under that key, durably, whole or not at all."""

    @abstractmethod
    def move(self, key: str, to: str) -> None:
        """Give a kept file another key; nothing where it is gone."""

    @abstractmethod
    def file(self, key: str) -> KeptFile:
        """The file of a key, for reading only."""

    @abstractmethod
    def fetched(self, key: str) -> AbstractContextManager[Path]:
        """The file on this machine, for as long as it is needed. FileNotFoundError if none."""

    @abstractmethod
    def remove(self, keys: Iterable[str]) -> None:
        """Remove kept files that no row speaks of any more."""

    @abstractmethod
    def iter_kept(self, folder: str) -> Iterator[Kept]:
        """All files whose keys lie below a folder."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether files can be received and kept now."""

    @abstractmethod
    def require_usable(self) -> None:
        """Raise SettingRefused where the settings lead to no storage that can be used."""


def kept_key(upload: Upload, owner: str) -> str:
    return f"{upload.sha256[:2]}/{owner}-{upload.sha256}"


def owner_name(*parts: object) -> str:
    """A short, path-safe name for whatever the parts identify."""
    joined = "\0".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:24]
