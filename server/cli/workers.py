"""gunicorn's threaded worker, with connections spread evenly over the processes."""

from __future__ import annotations

import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

_PAUSE = 0.0002
_LONGEST = 0.005


class EvenWorker(ThreadWorker):  # type: ignore[misc]
    """Whoever serves fewer connections takes the next: all wake for it, the others wait a moment.

    A process that took all phones of a burst would work alone, for as long as they stay connected.
    """

    def accept(self, listener: Any) -> None:
        time.sleep(min(self.nr_conns * _PAUSE, _LONGEST))
        super().accept(listener)
