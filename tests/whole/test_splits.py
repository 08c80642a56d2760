"""However a slip is split, lost, repeated and sent at once, it ends as the phone had it."""

from __future__ import annotations

import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.db import db
from server.queries.submission_attachments import list_attachments
from server.queries.submissions import get_submission, load_xml
from server.storage import Storage
from tests.helpers.phones import Phone, multipart
from tests.helpers.slips import house, new_id

NAMES = [f"{i}.jpg" for i in range(5)] + ['ảnh "một".jpg', "a b%20c.png"]


@contextmanager
def inside(installation):
    """The installation's own queries, beside the server that runs."""
    app = installation.create_app()
    with app.app_context():
        yield app.extensions["phieu_storage"]
        db.session.remove()
        db.engine.dispose()


@st.composite
def journeys(draw):
    """(files, requests): which files go in which request, how often, cut where, in which order."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    groups = draw(st.lists(st.sets(st.sampled_from(names)), max_size=4)) if names else []
    sent = [sorted(group) for group in [*groups, set(names) - set().union(*groups)]]
    repeated = [group for group in sent for _ in range(draw(st.integers(1, 2)))]
    order = draw(st.permutations(repeated))
    cuts = [draw(st.none() | st.floats(0.05, 0.95)) for _ in order]
    return names, list(zip(order, cuts, strict=True)), draw(st.integers(1, 4))


def break_off(url: str, path: str, body: bytes, content_type: str, share: float) -> None:
    """Send a part of the body, then vanish as a phone without network does."""
    parts = urlsplit(url)
    head = (
        f"POST {path}/submission HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(head.encode() + body[: int(len(body) * share)])


@pytest.fixture
def phones(offered, server):
    with inside(server.installation) as storage:
        yield server, storage


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(journey=journeys())
def test_every_journey_ends_in_exactly_what_the_phone_had(phones, journey):
    server, storage = phones
    names, requests, connections = journey
    instance_id = new_id()
    files = {name: secrets.token_bytes(700 + i) for i, name in enumerate(names)}
    xml = house(instance_id, children=tuple((f"Bé {name}", "1", name) for name in names))

    def send(request) -> int:
        group, cut = request
        content = [(name, files[name]) for name in group]
        if cut is not None:
            body, content_type = multipart(xml, content)
            break_off(server.url, urlsplit(server.collect).path, body, content_type, cut)
        with closing(Phone(server.collect)) as phone:
            return phone.submit(xml, content, is_incomplete=bool(cut)).status

    with ThreadPoolExecutor(connections) as pool:
        statuses = set(pool.map(send, requests))

    assert statuses == {201}
    assert_kept(storage, instance_id, xml, files)


def assert_kept(storage: Storage, instance_id: str, xml: bytes, files: dict[str, bytes]) -> None:
    db.session.rollback()
    _, version = get_submission(instance_id)
    kept = list_attachments(version.id)
    assert load_xml(version.id) == xml
    assert {f.name: storage.file(f.storage_key).read_bytes() for f in kept} == files
    assert not any(f.is_conflict for f in kept)


def test_two_hundred_and_fifty_files_in_three_requests_broken_off_and_begun_again(phones):
    server, storage = phones
    instance_id = new_id()
    files = {f"{i:03}.jpg": secrets.token_bytes(200 + i) for i in range(250)}
    xml = house(instance_id, children=tuple(("Bé", "1", name) for name in files))
    content = list(files.items())
    parts = [content[200:], content[:101], content[101:200]]

    with closing(Phone(server.collect)) as phone:
        first = phone.submit(xml, parts[0], is_incomplete=True)
        body, content_type = multipart(xml, parts[1])
        break_off(server.url, urlsplit(server.collect).path, body, content_type, 0.5)
        again = [phone.submit(xml, part, is_incomplete=part is not parts[2]) for part in parts]

    assert "200 files are still missing" in first.text
    assert [a.status for a in [first, *again]] == [201] * 4
    assert "missing" not in again[-1].text
    assert_kept(storage, instance_id, xml, files)


def test_one_file_of_half_a_gigabyte_passes_without_much_memory(phones):
    from tests.helpers.memory import proportional_memory

    server, storage = phones
    instance_id = new_id()
    xml = house(instance_id, children=(("Bé", "1", "dài.mp4"),))
    body, content_type = multipart(xml, [("dài.mp4", b"@")])
    before, _, after = body.partition(b"\r\n\r\n@")
    size, block = 500_000_000, bytes(1_000_000)
    peak = 0

    def chunks():
        nonlocal peak
        yield before + b"\r\n\r\n"
        for i in range(size // len(block)):
            if i % 50 == 0:
                peak = max(peak, proportional_memory(server.process.pid))
            yield block
        yield after

    length = len(before) + 4 + size + len(after)
    with closing(Phone(server.collect)) as phone:
        headers = {"Content-Type": content_type, "Content-Length": str(length)}
        for _ in range(4):  # every worker has the form, the lists and its connections
            assert phone.submit(house(new_id())).status == 201
        idle = proportional_memory(server.process.pid)
        answer = phone.request("POST", f"{phone.base}/submission", chunks(), headers)

    db.session.rollback()
    _, version = get_submission(instance_id)
    [file] = list_attachments(version.id)
    assert answer.status == 201
    assert storage.file(file.storage_key).stat().st_size == size
    assert peak - idle < 50_000_000
    storage.file(file.storage_key).unlink()
