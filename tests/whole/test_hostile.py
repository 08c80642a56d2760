"""Hostile input costs little: a 4xx, flat memory, and nothing kept of what did not arrive whole."""

from __future__ import annotations

import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.helpers.hostile import ADDRESSES, BODIES, DOCUMENTS
from tests.helpers.memory import proportional_memory
from tests.helpers.phones import Phone, multipart
from tests.helpers.slips import house
from tests.helpers.sql import drop_table

PATIENCE = 10  # seconds until a test gives up; how long an answer takes is measured, not asserted
GROWTH = 150_000_000


@pytest.fixture
def published(offered, server):
    with closing(Phone(server.collect)) as phone:
        phone.submit(house("uuid:warm"))
    return server


def test_every_hostile_document_is_refused_and_memory_stays_flat(published):
    before = proportional_memory(published.process.pid)

    statuses = {}
    for name, xml in DOCUMENTS.items():
        with closing(Phone(published.collect, patience=PATIENCE)) as phone:
            statuses[name] = phone.submit(xml).status

    assert {n: s for n, s in statuses.items() if not 400 <= s < 500} == {}
    assert proportional_memory(published.process.pid) - before < GROWTH
    with closing(Phone(published.collect)) as phone:
        assert phone.submit(house("uuid:after")).status == 201


def test_every_hostile_body_is_refused(published):
    statuses = {}
    for name, (body, content_type) in BODIES.items():
        with closing(Phone(published.collect, patience=PATIENCE)) as phone:
            path = f"{phone.base}/submission"
            answer = phone.request("POST", path, body, {"Content-Type": content_type})
            statuses[name] = answer.status

    assert {n: s for n, s in statuses.items() if not 400 <= s < 500} == {}
    assert list((published.installation.data / "storage" / "uploads").iterdir()) == []


def test_a_body_that_breaks_off_leaves_nothing(published):
    body, content_type = multipart(house("uuid:broken"), [("a.jpg", b"x" * 500_000)])
    parts = urlsplit(published.collect)
    head = (
        f"POST {parts.path}/submission HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode() + body[:300_000])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(4096)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    published.installation.run("submissions", "show", "uuid:broken", status=1)
    assert list((published.installation.data / "storage" / "uploads").iterdir()) == []


def test_a_chunked_body_is_taken(published):
    body, content_type = multipart(house("uuid:chunked"), [("a.jpg", b"x" * 100_000)])
    with closing(Phone(published.collect)) as phone:
        path = f"{phone.base}/submission"
        pieces = (body[i : i + 7_000] for i in range(0, len(body), 7_000))
        answer = phone.request("POST", path, pieces, {"Content-Type": content_type})

    assert answer.status == 201


def test_strange_addresses_are_refused(published):
    statuses = {}
    for address in ADDRESSES:
        with closing(Phone(published.collect, patience=PATIENCE)) as phone:
            path = address.replace("TOKEN", phone.base.split("/")[3])
            statuses[address] = phone.request("GET", path).status

    assert {a: s for a, s in statuses.items() if not 400 <= s < 500} == {}


def test_what_a_client_says_of_itself_harms_nothing(published):
    body, content_type = multipart(house("uuid:odd"), [("a\0b.jpg", b"x")])
    body = body.replace(b"application/octet-stream", b"image/\0jpeg")
    with closing(Phone(published.collect)) as phone:
        path = f"{phone.base}/submission?deviceID=%00%ff{'x' * 3000}"
        headers = {"Content-Type": content_type, "User-Agent": "ü" * 1000}
        answer = phone.request("POST", path, body, headers)

    assert answer.status == 201


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_a_fault_of_ours_tells_the_log_where_and_no_token_or_answer(published):
    """A table that is gone is no fault that the server knows."""
    database = published.installation
    with closing(Phone(published.collect)) as phone:
        drop_table(database, "findings")
        xml = house("uuid:kept-secret", children=(("Bé", "1", "a.jpg"),))
        phone.submit(xml, [("a.jpg", b"1")])
        answer = phone.submit(xml, [("a.jpg", b"2")])
        token = phone.base.split("/")[3]

    log = published.output().split("ODK Collect:")[-1].partition("\n")[2]
    assert answer.status >= 500
    assert "request failed" in log
    assert token not in log
    assert "kept-secret" not in log
