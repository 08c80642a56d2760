"""A lean load: threads of one process of its own, raw sockets, bytes made beforehand.

It shares the machine with the server, so every cycle that it spends is taken from what it measures.
"""

from __future__ import annotations

import multiprocessing
import resource
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """What a load saw: milliseconds of each answer, errors, seconds in all, CPU seconds spent."""

    times: list[float]
    errors: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def run_load(address: tuple[str, int], queues: Sequence[Sequence[bytes]], expected: int) -> Run:
    """Send each queue over a connection of its own, all at once; count other statuses as errors."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    arguments = (address, queues, expected, sender)
    process = multiprocessing.get_context("fork").Process(target=_run, args=arguments)
    process.start()
    result: Run = receiver.recv()
    process.join()
    return result


def _run(address, queues, expected, sender) -> None:  # type: ignore[no-untyped-def]
    times: list[list[float]] = [[] for _ in queues]
    errors = [0] * len(queues)
    ready = threading.Barrier(len(queues) + 1)

    def work(i: int) -> None:
        with socket.create_connection(address, timeout=120) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.wait()
            for request in queues[i]:
                started = time.perf_counter()
                connection.sendall(request)
                status = _read_answer(connection)
                times[i].append((time.perf_counter() - started) * 1000)
                errors[i] += status != expected

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(queues))]
    for thread in threads:
        thread.start()
    before = resource.getrusage(resource.RUSAGE_SELF)
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sender.send(Run([t for own in times for t in own], sum(errors), seconds, cpu))


def _read_answer(connection: socket.socket) -> int:
    data = connection.recv(65_536)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += connection.recv(65_536)
    head = data[:end].lower()
    at = head.find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    status = int(data[9:12])
    missing = 0 if status in (204, 304) else end + 4 + length - len(data)
    while missing > 0:
        missing -= len(connection.recv(65_536))
    return status
