"""Remove what broken connections leave in the folder of uploads."""

from __future__ import annotations

from server.log import get_logger
from server.storage import Storage

STALE = 24 * 3600.0


def sweep_uploads(*, storage: Storage) -> None:
    """A process that is killed in the middle of an upload cannot clean up; this does."""
    removed = storage.sweep(older_than=STALE)
    get_logger().info("uploads swept", removed=removed)
