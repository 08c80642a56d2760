"""Attachments, rows and exports: kept in a folder or in an S3-compatible object store."""

from __future__ import annotations

from server.config import Settings
from server.storage.disk import PRIVATE, disk_errors, is_disk_full
from server.storage.folder import FolderStorage
from server.storage.interface import Kept, KeptFile, Storage, owner_name
from server.storage.uploads import Upload, UploadWriter

__all__ = [
    "PRIVATE",
    "FolderStorage",
    "Kept",
    "KeptFile",
    "Storage",
    "Upload",
    "UploadWriter",
    "disk_errors",
    "is_disk_full",
    "open_storage",
    "owner_name",
]


def open_storage(settings: Settings) -> Storage:
    """As the settings say; nothing is asked of a store yet."""
    folder, bucket = settings.storage.folder, settings.storage.bucket
    if bucket is None:
        return FolderStorage(folder)
    from server.storage.objects import ObjectStorage  # noqa: PLC0415 - a folder needs no client

    return ObjectStorage(folder, bucket)
