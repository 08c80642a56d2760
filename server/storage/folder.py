"""Files kept in a folder: write, fsync, rename, fsync the folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from server.storage.disk import PRIVATE, disk_errors, sync
from server.storage.interface import Kept, Storage, kept_key
from server.storage.uploads import Upload


class FolderStorage(Storage):
    """One folder of kept files and, on the same file system, the uploads under way."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._made: set[Path] = set()

    def settle(self, key: str) -> None:
        with disk_errors():
            sync(self.root / key)
            sync((self.root / key).parent)

    def keep(self, upload: Upload, owner: str) -> str:
        key = kept_key(upload, owner)
        target = self.root / key
        with disk_errors():
            self._make_shard(target.parent)
            sync(upload.path)
            with contextlib.suppress(FileExistsError):  # the same bytes, kept before
                os.link(upload.path, target)
            sync(target.parent)
        return key

    def write(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        waiting = path.with_suffix(".part")
        with disk_errors():
            descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            waiting.replace(path)

    def move(self, key: str, to: str) -> None:
        target = self.root / to
        target.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (self.root / key).rename(target)

    def file(self, key: str) -> Path:
        return self.root / key

    def fetched(self, key: str) -> AbstractContextManager[Path]:
        path = self.root / key
        if not path.is_file():
            raise FileNotFoundError(key)
        return contextlib.nullcontext(path)

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            (self.root / key).unlink(missing_ok=True)

    def iter_kept(self, folder: str) -> Iterator[Kept]:
        for path in (self.root / folder).rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # another worker removed it meanwhile
                if path.is_file():
                    yield Kept(path.relative_to(self.root).as_posix(), path.stat().st_mtime)

    def is_ready(self) -> bool:
        return self.uploads.is_dir()

    def require_usable(self) -> None:
        """`prepare` has made it."""

    def _make_shard(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(mode=PRIVATE, exist_ok=True)
            sync(self.root)
            self._made.add(folder)
