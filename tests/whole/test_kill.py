"""Nothing acknowledged is lost: the whole server is killed at random moments under load."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from http.client import HTTPException

from server.db import db
from server.queries.submission_attachments import list_attachments
from server.queries.submissions import get_submission, load_xml
from server.storage import Storage
from tests.helpers.phones import Phone
from tests.helpers.servers import Server
from tests.helpers.slips import house, new_id
from tests.helpers.sql import list_instance_ids

ROUNDS = 10
PHONES = 6


class Sender(threading.Thread):
    """A phone that sends slip after slip, and again what was not acknowledged."""

    def __init__(self, server: Server, queue: list[tuple[str, bytes, bytes]], seed: int) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.queue = queue
        self.acknowledged: list[tuple[str, bytes, bytes]] = []
        self.random = random.Random(seed)

    def run(self) -> None:
        try:
            with Phone(self.server.collect) as phone:
                while True:
                    slip = self.queue[-1] if self.queue else self._new_slip()
                    if phone.submit(slip[1], [("a.jpg", slip[2])]).status != 201:
                        return
                    self.acknowledged.append(slip)
                    if self.queue:
                        self.queue.pop()
        except (OSError, HTTPException):
            return

    def _new_slip(self) -> tuple[str, bytes, bytes]:
        instance_id = new_id()
        children = (("Bé", "1", "a.jpg"),)
        slip = (instance_id, house(instance_id, children=children), self.random.randbytes(20_000))
        self.queue.append(slip)
        return slip


def test_a_killed_server_has_every_acknowledged_slip_once_and_whole(offered, installation):
    chance = random.Random(2026)
    queues: list[list[tuple[str, bytes, bytes]]] = [[] for _ in range(PHONES)]
    acknowledged: list[tuple[str, bytes, bytes]] = []
    for round_ in range(ROUNDS):
        server = Server(installation)
        senders = [Sender(server, queue, round_ * 100 + i) for i, queue in enumerate(queues)]
        for sender in senders:
            sender.start()
        time.sleep(chance.uniform(0.1, 0.9))
        server.kill()
        for sender in senders:
            sender.join(timeout=30)
            acknowledged += sender.acknowledged

    app = installation.create_app()
    with app.app_context():
        times = Counter(list_instance_ids())
        storage: Storage = app.extensions["phieu_storage"]
        for instance_id, xml, content in acknowledged:
            _, version = get_submission(instance_id)
            assert load_xml(version.id) == xml
            [file] = list_attachments(version.id)
            assert storage.file(file.storage_key).read_bytes() == content
        db.session.remove()
        db.engine.dispose()
    assert len(acknowledged) > ROUNDS
    assert set(times.values()) == {1}
    assert {instance_id for instance_id, _, _ in acknowledged} <= set(times)
