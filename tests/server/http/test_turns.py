"""One slip is worked on at a time in a process, and none waits for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from server.http import turns


def test_threads_work_one_after_the_other():
    working: list[int] = []
    most = 0

    def work(number: int) -> None:
        nonlocal most
        with turns.turn():
            working.append(number)
            most = max(most, len(working))
            threading.Event().wait(0.002)
            working.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))

    assert most == 1


def test_after_a_while_nobody_waits_for_one_that_takes_too_long(monkeypatch):
    monkeypatch.setattr(turns, "_PATIENCE", 0.01)
    entered = threading.Event()

    def enter() -> None:
        with turns.turn():
            entered.set()

    with turns.turn():
        other = threading.Thread(target=enter)
        other.start()
        assert entered.wait(5)
        other.join()

    with turns.turn():
        pass


def test_a_fault_ends_the_turn():
    for _ in range(3):
        try:
            with turns.turn():
                raise ValueError
        except ValueError:
            assert turns._turn.acquire(blocking=False)
            turns._turn.release()
