"""How long the slowest hostile body takes to be refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from tests.benchmarks.figures import Figure, say
from tests.helpers.hostile import BODIES, DOCUMENTS
from tests.helpers.phones import Phone, multipart
from tests.helpers.servers import Server


def measure_hostile(server: Server, database: str) -> Iterator[Figure]:
    """Each alone, over a connection of its own; the budget is promise 8's second."""
    seconds = {}
    bodies = {name: multipart(xml) for name, xml in DOCUMENTS.items()} | BODIES
    for name, (body, content_type) in bodies.items():
        with closing(Phone(server.collect)) as phone:
            started = time.perf_counter()
            path = f"{phone.base}/submission"
            phone.request("POST", path, body, {"Content-Type": content_type})
            seconds[name] = time.perf_counter() - started
    slowest = max(seconds, key=lambda name: seconds[name])
    say(f"{database} slowest of {len(seconds)} hostile bodies: {slowest}, {seconds[slowest]:.2f} s")
    yield Figure(f"{database}: slowest hostile body ({slowest})", seconds[slowest], "s", 1.0)
