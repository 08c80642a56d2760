"""Files kept in a bucket of an S3-compatible store: kept once the store has said so.

What is under way is in a folder of this machine; what is kept is not, except while it is read.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from server.config import Bucket, SettingRefused
from server.errors import StorageUnavailable
from server.storage.client import Client, Refused, Request
from server.storage.disk import create_private, disk_errors
from server.storage.interface import Kept, Storage, kept_key
from server.storage.parts import LARGE, NAMESPACE, parse, send_in_parts
from server.storage.reading import StoredFile
from server.storage.recent import Recent
from server.storage.uploads import Upload

_CHUNK = 1 << 18
_ASK_FIRST = 1 << 20
"""Of larger files the store is asked if it has them, before they are sent a second time."""
_ONLY_NEW = {"if-none-match": "*"}
_EXISTS = 412


class ObjectStorage(Storage):
    """A bucket, or what is below a prefix in it, and a folder for the uploads under way."""

    def __init__(self, root: Path, bucket: Bucket) -> None:
        super().__init__(root)
        self._bucket = bucket
        self._client = Client(bucket)
        self._recent = Recent()

    def settle(self, key: str) -> None:
        path = self.place(key)
        self._send(key, path, path.stat().st_size)
        path.unlink()

    def keep(self, upload: Upload, owner: str) -> str:
        key = kept_key(upload, owner)
        if upload.size >= _ASK_FIRST and self.file(key).is_file():
            return key
        try:
            self._send(key, upload.path, upload.size, upload.sha256, _ONLY_NEW)
        except Refused as error:
            if error.status != _EXISTS:  # a store without conditions: the same bytes once more
                self._send(key, upload.path, upload.size, upload.sha256)
        return key

    def write(self, key: str, data: bytes) -> None:
        self._recent.forget(self._name(key))
        self._client.call(Request("PUT", self._name(key), body=data))

    def move(self, key: str, to: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.write(to, self.file(key).read_bytes())
            self.remove([key])

    def file(self, key: str) -> StoredFile:
        return StoredFile(self._client, self._name(key), self._recent)

    @contextmanager
    def fetched(self, key: str) -> Iterator[Path]:
        path = self.uploads / secrets.token_hex(16)
        with self.file(key).open("rb") as source:
            try:
                with disk_errors(), os.fdopen(create_private(path), "wb") as file:
                    while piece := source.read(_CHUNK):
                        file.write(piece)
                yield path
            finally:
                path.unlink(missing_ok=True)

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._recent.forget(self._name(key))
            with contextlib.suppress(FileNotFoundError):
                self._client.call(Request("DELETE", self._name(key)))
            self.place(key).unlink(missing_ok=True)

    def iter_kept(self, folder: str) -> Iterator[Kept]:
        query = {"list-type": "2", "prefix": self._name(f"{folder}/")}
        while query:
            page = parse(self._client.call(Request("GET", query=query))[1])
            for found in page.iter(f"{NAMESPACE}Contents"):
                name = found.findtext(f"{NAMESPACE}Key") or ""
                written = datetime.fromisoformat(found.findtext(f"{NAMESPACE}LastModified") or "")
                yield Kept(name.removeprefix(self._name("")), written.timestamp())
            token = page.findtext(f"{NAMESPACE}NextContinuationToken")
            query = {**query, "continuation-token": token} if token else {}

    def is_ready(self) -> bool:
        try:
            self._client.call(Request("HEAD"), tries=1)
        except (StorageUnavailable, FileNotFoundError):
            return False
        return self.uploads.is_dir()

    def require_usable(self) -> None:
        """Ask for a list: what a missing bucket, wrong keys and a wrong address all refuse."""
        query = {"list-type": "2", "max-keys": "1", "prefix": self._name("")}
        try:
            self._client.call(Request("GET", query=query))
        except StorageUnavailable as error:
            raise self._refusal(error) from error

    def keeps_versions(self) -> bool:
        """True where the bucket holds on to what is removed from it."""
        answer = parse(self._client.call(Request("GET", query={"versioning": ""}))[1])
        return answer.findtext(f"{NAMESPACE}Status") is not None

    def _name(self, key: str) -> str:
        return f"{self._bucket.prefix}/{key}" if self._bucket.prefix else key

    def _send(
        self,
        key: str,
        path: Path,
        size: int,
        sha256: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        name, headers = self._name(key), headers or {}
        if size > LARGE:
            send_in_parts(self._client, name, path, size, headers)
        else:
            self._client.call(Request("PUT", name, {}, headers, body=path, sha256=sha256))

    def _refusal(self, error: StorageUnavailable) -> SettingRefused:
        status, code = error.details["status"], error.details["code"]
        about = {"bucket": self._bucket.name, "endpoint": self._bucket.endpoint}
        if status == 404:
            return SettingRefused("PHIEU_STORAGE_URL", "no_bucket", **about)
        if status in (401, 403):
            return SettingRefused("AWS_ACCESS_KEY_ID", "keys_refused", **about, code=code)
        return SettingRefused("AWS_ENDPOINT_URL", "no_store", **about, code=code or status)
