"""An installation whose files are in an object store, over real sockets."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack

import pytest

from tests.conftest import publish_houses
from tests.helpers.phones import Phone
from tests.helpers.readers import PATH, reader_headers
from tests.helpers.servers import serve
from tests.helpers.slips import house
from tests.helpers.stores import KEYS

pytestmark = pytest.mark.parametrize("installation", ["store"], indirect=True)
PHOTO = os.urandom(300_000)
SLIP = house("uuid:1", children=(("Bé", "1", "ảnh.jpg"),))
ADDRESS = "/view/attachments/houses/uuid%3A1/%E1%BA%A3nh.jpg"


@pytest.fixture
def installation(installation):
    """Behind a proxy that ends https, so that people may sign in."""
    installation.extra["PHIEU_TRUSTED_PROXIES"] = "1"
    return installation


@pytest.fixture
def phone(offered, server):
    with Phone(server.collect) as phone:
        yield phone


@pytest.fixture
def reader(server):
    with Phone(server.url + PATH, headers=reader_headers(server.installation, "viewer")) as reader:
        yield reader


def kept(store) -> list[bytes]:
    """The files of submissions and forms."""
    return [data for key, data in store.contents().items() if key[2] == "/"]


def on_disk(installation) -> list[str]:
    folder = installation.data / "storage"
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_a_photo_is_in_the_store_before_the_phone_is_thanked(phone, store, installation):
    answer = phone.submit(SLIP, [("ảnh.jpg", PHOTO)])

    assert answer.status == 201
    assert kept(store).count(PHOTO) == 1
    assert on_disk(installation) == []


def test_a_photo_is_sent_whole_in_part_or_not_at_all(phone, reader):
    phone.submit(SLIP, [("ảnh.jpg", PHOTO)])

    whole = reader.get(ADDRESS)
    part = reader.get(ADDRESS, Range="bytes=200001-200010")
    end = reader.get(ADDRESS, Range="bytes=-5")
    beyond = reader.get(ADDRESS, Range="bytes=400000-")
    known = reader.get(ADDRESS, **{"If-None-Match": whole.headers["ETag"]})
    head = reader.request("HEAD", reader.base + ADDRESS)

    assert (whole.status, whole.body) == (200, PHOTO)
    assert whole.headers["ETag"] == f'"{hashlib.md5(PHOTO).hexdigest()}"'
    assert "filename*=UTF-8''%E1%BA%A3nh.jpg" in whole.headers["Content-Disposition"]
    assert (part.status, part.body) == (206, PHOTO[200_001:200_011])
    assert part.headers["Content-Range"] == f"bytes 200001-200010/{len(PHOTO)}"
    assert (end.status, end.body) == (206, PHOTO[-5:])
    assert beyond.status == 416
    assert (known.status, known.body) == (304, b"")
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(PHOTO)))


def test_a_store_that_is_away_is_503_and_the_phone_sends_again(phone, store, server, installation):
    with store.door.shut():
        gone = phone.submit(SLIP, [("ảnh.jpg", PHOTO)])
        without_files = phone.submit(house("uuid:2"))
        ready = phone.request("GET", "/readyz")
        installation.run("submissions", "show", "uuid:1", status=1)
    after = [phone.submit(SLIP, [("ảnh.jpg", PHOTO)]).status for _ in range(2)]
    shown = installation.run_json("submissions", "show", "uuid:1")

    assert gone.status == 503
    assert gone.headers["Retry-After"] == "60"
    assert "<OpenRosaResponse" in gone.text
    assert "storage of files" in gone.text
    assert without_files.status == 201
    assert ready.status == 503
    assert after == [201, 201]
    assert [file["arrived"] for file in shown["attachments"]] == [True]
    assert kept(store).count(PHOTO) == 1
    assert on_disk(installation) == []
    assert not any(secret in server.output() for secret in KEYS.values())


def test_a_first_start_keeps_the_shipped_forms_in_the_store(installation, store, tmp_path):
    with ExitStack() as stack:
        before = len(kept(store))
        server = stack.enter_context(serve(installation))
        publish_houses(installation, tmp_path)
        phone = stack.enter_context(Phone(server.collect))
        status = phone.submit(SLIP, [("ảnh.jpg", PHOTO)]).status

    assert before
    assert status == 201


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"PHIEU_STORAGE_URL": "s3://no-such-bucket"}, "has no bucket no-such-bucket"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "does not answer"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "AWS_ENDPOINT_URL: expected https://server"),
        ({"AWS_ENDPOINT_URL": "https://a:b@s3.example.vn"}, "AWS_ENDPOINT_URL: expected"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY: must be set"),
        ({"PHIEU_STORAGE_URL": "s3://bucket/../a"}, "PHIEU_STORAGE_URL: expected"),
    ],
)
def test_settings_that_lead_to_no_store_are_refused_at_the_start(installation, wrong, words):
    installation.extra |= wrong

    said = installation.run("serve", "--port", "0", status=2)

    assert words in said
    assert "Traceback" not in said
    assert not any(secret in said for secret in KEYS.values())
