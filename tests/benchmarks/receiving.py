"""Receiving, the form list, and memory while many phones send."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.benchmarks.figures import Figure, say
from tests.benchmarks.load import Run, run_load
from tests.benchmarks.slips import requests, three_children
from tests.helpers.memory import proportional_memory
from tests.helpers.phones import Phone
from tests.helpers.servers import Server

CLIENTS = (1, 4, 16)
FLOORS = {(0, 16): 300.0, (300_000, 4): 120.0}


def measure_receiving(server: Server, database: str, *, scale: float) -> Iterator[Figure]:
    """Slips a second at 1, 4 and 16 clients, without and with an image of 300 KB."""
    for size, label, base in ((0, "10 KB", 3000), (300_000, "10 KB + 300 KB image", 480)):
        image = os.urandom(size)
        for clients in CLIENTS:
            run = _send(server, int(base * scale * min(clients, 4) / 4) or 1, clients, image)
            say(f"{database} receive {label} x{clients}: {run.rate:.0f}/s errors {run.errors}")
            name = f"{database}: receive {label}, {clients} clients"
            floor = FLOORS.get((size, clients))
            yield Figure(name, run.rate, "slips/s", floor, more_is_better=True)
            yield Figure(f"{name}, p50", run.percentile(0.5), "ms")
            ceiling = 200 if (size, clients) == (0, 16) else None
            yield Figure(f"{name}, p99", run.percentile(0.99), "ms", ceiling)
            yield Figure(f"{name}, errors", run.errors, "answers", 0)
            yield Figure(f"{name}, CPU of the load", run.cpu / run.seconds, "cores")


def _send(server: Server, count: int, clients: int, image: bytes) -> Run:
    made = list(requests(server.collect, three_children(count), image))
    return run_load(_address(server), [made[i::clients] for i in range(clients)], 201)


def measure_form_list(server: Server, database: str, *, scale: float) -> Iterator[Figure]:
    parts = urlsplit(server.collect)
    ask = f"GET {parts.path}/formList?deviceID=x HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    tag = _tag(server)
    for label, extra, status in (
        ("form list", "", 200),
        ("form list unchanged", f"If-None-Match: {tag}\r\n", 304),
    ):
        request = f"{ask}{extra}\r\n".encode()
        run = run_load(_address(server), [[request] * int(600 * scale)] * 16, status)
        say(f"{database} {label}: {run.rate:.0f}/s errors {run.errors}")
        yield Figure(f"{database}: {label}, 16 clients", run.rate, "answers/s", 1500, True)
        yield Figure(f"{database}: {label}, 16 clients, p99", run.percentile(0.99), "ms")
        yield Figure(f"{database}: {label}, errors", run.errors, "answers", 0)


def measure_memory(server: Server, database: str) -> Iterator[Figure]:
    """Proportional memory of all processes: idle, and while 50 phones send 5 MB each."""
    yield Figure(f"{database}: idle", proportional_memory(server.process.pid) / 1e6, "MB", 250)
    made = list(requests(server.collect, three_children(50), os.urandom(5_000_000)))
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.1):
            peak = max(peak, proportional_memory(server.process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    run = run_load(_address(server), [[request] for request in made], 201)
    time.sleep(0.3)
    done.set()
    watcher.join()
    yield Figure(f"{database}: 50 clients of 5 MB", peak / 1e6, "MB", 400)
    yield Figure(f"{database}: 50 clients of 5 MB, errors", run.errors, "answers", 0)


def _tag(server: Server) -> str:
    with Phone(server.collect) as phone:
        return phone.get("/formList").headers["ETag"]


def _address(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return parts.hostname or "", parts.port or 0
