"""Write one batch while the next is read: both are work that holds no interpreter for long."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self

P = ParamSpec("P")


class Aside:
    """A thread that does one thing at a time; whoever brings the next waits for the last.

    So two batches are in memory and no more. What the thread raises, the next call raises.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True)
        if error is None:
            self._wait()

    def do(self, work: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> None:
        self._wait()
        self._last = self._pool.submit(work, *arguments, **named)

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()
