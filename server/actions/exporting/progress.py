"""How far an export is, told while it is written; that is also the sign that its worker lives."""

from __future__ import annotations

import contextvars
import threading
import time
from types import TracebackType

from server.db import DatabaseFault, beside
from server.log import get_logger
from server.queries import kept_exports

_PAUSE = 1.0
_SIGN = 5.0
"""Of life at the latest, where nothing went on: a step of the writing may be long."""


class ExportStopped(Exception):
    """Somebody cancelled it, or it is another worker's by now."""


class Progress:
    """Tells the database from a thread of its own, whose transactions are beside the snapshot."""

    def __init__(self, export_id: int, attempt: int, *, total: int) -> None:
        self._export_id = export_id
        self._attempt = attempt
        self._total = total
        self._done = 0
        self._is_over = False
        self._ended = threading.Event()
        context = contextvars.copy_context()  # in which the database is known
        self._thread = threading.Thread(target=context.run, args=(self._tell,), daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def add(self, count: int) -> None:
        """So many more are written; raise ExportStopped where nobody waits for it any more."""
        if self._is_over:
            raise ExportStopped
        self._done = min(self._done + count, self._total)

    def _tell(self) -> None:
        told, at = -1, time.monotonic()
        while not self._is_over and not self._ended.wait(_PAUSE):
            if self._done != told or time.monotonic() >= at + _SIGN:
                told, at = self._done, time.monotonic()
                self._is_over = not self._report(told)

    def _report(self, done: int) -> bool:
        """False only where it is certain that the export is over."""
        try:
            with beside() as connection:
                return kept_exports.report(
                    connection,
                    self._export_id,
                    attempt=self._attempt,
                    done=done,
                    total=self._total,
                )
        except DatabaseFault as error:
            get_logger().warning("progress not told", kind=type(error).__name__)
            return True
