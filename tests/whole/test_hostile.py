"""Hostile input costs little: a 4xx, flat memory, and nothing kept of what did not arrive whole."""

from __future__ import annotations

import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.conftest import publish_houses
from tests.helpers.memory import proportional_memory
from tests.helpers.phones import Phone, multipart
from tests.helpers.slips import house

PATIENCE = 10  # seconds until a test gives up; how long an answer takes is measured, not asserted
GROWTH = 150_000_000
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b']><data id="houses" version="1">&j;</data>'
)
DOCUMENTS = {
    "nothing": b"",
    "not xml": b"\x00\x01\x02" * 1000,
    "cut short": house("uuid:h")[:200],
    "a DTD": b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + house("uuid:h"),
    "an entity bomb": BOMB,
    "an external entity": b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM '
    b'"file:///etc/passwd">]><data id="houses" version="1">&x;</data>',
    "a DTD behind comments": b"<!-- a --><?p i?><!DOCTYPE d []>" + house("uuid:h"),
    "deep nesting": b'<data id="houses" version="1">' + b"<a>" * 10_000 + b"</a>" * 10_000,
    "ten megabytes of elements": b'<data id="houses">' + b"<a/>" * 2_400_000 + b"</data>",
    "a million attributes": b"<data " + b" ".join(b'a%d=""' % i for i in range(1_000_000)) + b"/>",
    "an endless comment": b"<!--" * 100_000,
    "an endless instruction": b"<?" * 100_000,
    "UTF-16": house("uuid:h").decode().encode("utf-16"),
    "another encoding": b"\xff\xfe" + house("uuid:h"),
    "a long id": house("uuid:" + "h" * 300),
    "a long form id": house("uuid:h").replace(b"houses", b"h" * 10_000),
    "a long name": b"<" + b"d" * 5_000_000 + b' id="houses"/>',
    "eleven megabytes": house("uuid:h", head="x" * 11_000_000),
    "unknown form": house("uuid:h").replace(b"houses", b"../../etc/passwd"),
    "SQL": house("uuid:h").replace(b"houses", b"'; DROP TABLE submissions; --"),
}


@pytest.fixture
def published(server, tmp_path):
    publish_houses(server.installation, tmp_path)
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


def body_without_name() -> tuple[bytes, str]:
    body, content_type = multipart(house("uuid:h"))
    return body.replace(b'name="xml_submission_file"; ', b""), content_type


BODIES = {
    "no multipart": (house("uuid:h"), "text/xml"),
    "no boundary": (house("uuid:h"), "multipart/form-data"),
    "another boundary": (multipart(house("uuid:h"))[0], "multipart/form-data; boundary=x"),
    "no parts": (b"--x--\r\n", "multipart/form-data; boundary=x"),
    "no XML": multipart(None, [("a.jpg", b"x")]),
    "no name": body_without_name(),
    "endless headers": (b"--x\r\n" + b"A: b\r\n" * 400_000, "multipart/form-data; boundary=x"),
    "endless preamble": (b"x" * 3_000_000, "multipart/form-data; boundary=x"),
    "too many parts": multipart(house("uuid:h"), [(str(i), b"") for i in range(1_500)]),
    "a long field": (
        b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n' + b"x" * 500_000 + b"\r\n--x--",
        "multipart/form-data; boundary=x",
    ),
    "junk": (bytes(range(256)) * 4_000, "multipart/form-data; boundary=x"),
}


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


@pytest.mark.parametrize(
    "path",
    ["/v1/%", "/v1/key/%00/projects/1/formList", "/%2e%2e/%2e%2e/etc/passwd", "/static/../app.py"],
)
def test_strange_addresses_are_refused(published, path):
    with closing(Phone(published.collect)) as phone:
        assert 400 <= phone.request("GET", path).status < 500
