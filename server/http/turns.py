"""Slips take turns in a process: whoever works on one is not interrupted by the others.

Threads of one interpreter compute one after the other anyway. Left alone they change places every
few milliseconds, so that one that holds the database waits for all others at each statement, and
every writer of the machine behind it. The network and the disk are waited for between turns.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE = 2.0
_turn = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Wait until nobody else works, but not for ever: one slip may take a check's whole second."""
    is_mine = _turn.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        if is_mine:
            _turn.release()
