"""When the machine fails, the phone is told, nothing is half kept, and the server recovers."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.conftest import leave_out, publish_houses
from tests.helpers.installations import Installation
from tests.helpers.phones import Phone
from tests.helpers.servers import serve
from tests.helpers.slips import house

SLIP = house("uuid:1", children=(("Bé", "1", "a.jpg"),))
FILE = ("a.jpg", b"x" * 200_000)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "phieu", str(folder)]
    may_mount = os.geteuid() == 0 and shutil.which("mount")
    if not may_mount or subprocess.run(mount, check=False).returncode != 0:
        leave_out("a small file system needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_507_nothing_half_kept_and_then_goes_on(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        installation = Installation(disk / "data")
        with serve(installation) as server, closing(Phone(server.collect)) as phone:
            publish_houses(installation, tmp_path)
            filler = disk / "filler"
            fill(filler)
            full = [phone.submit(SLIP, [FILE]).status, phone.submit(house("uuid:2")).status]
            filler.unlink()
            after = phone.submit(SLIP, [FILE]).status
            shown = installation.run_json("submissions", "show", "uuid:1")

            assert full[0] == 507
            assert full[1] in (201, 507)
            assert after == 201
            assert [a["arrived"] for a in shown["attachments"]] == [True]
            assert list((installation.data / "storage" / "uploads").iterdir()) == []


@pytest.mark.parametrize(("format_", "name"), [("csv", "out.zip"), ("xlsx", "out.xlsx")])
def test_an_export_to_a_full_disk_is_refused_and_leaves_nothing(tmp_path, format_, name):
    installation = Installation(tmp_path / "data")
    command = ["exports", "write", "child_situation", "--format", format_, "--out"]
    with small_disk(tmp_path / "disk") as disk:
        fill(disk / "filler")
        said = installation.run(*command, disk / name, status=1)
        left = [path.name for path in disk.iterdir()]

    assert said.endswith("The disk is full. Make room and try again.\n")
    assert "Traceback" not in said
    assert left == ["filler"]


def fill(path: Path) -> None:
    with path.open("wb") as file:
        try:
            while True:
                file.write(b"x" * 65_536)
                file.flush()
        except OSError:
            return


def test_a_locked_database_is_503_and_then_goes_on(tmp_path):
    installation = Installation(tmp_path / "data")
    with serve(installation) as server, closing(Phone(server.collect)) as phone:
        publish_houses(installation, tmp_path)
        with closing(sqlite3.connect(installation.data / "phieu.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            locked = phone.submit(SLIP, [FILE])
            other.rollback()
        after = phone.submit(SLIP, [FILE])

    assert locked.status == 503
    assert locked.headers["Retry-After"] == "60"
    assert "<OpenRosaResponse" in locked.text
    assert after.status == 201


def test_a_database_that_is_gone_is_503_until_it_is_back(own_cluster, tmp_path):
    installation = Installation(tmp_path / "data", own_cluster.url(own_cluster.create()))
    with serve(installation) as server, closing(Phone(server.collect)) as phone:
        publish_houses(installation, tmp_path)
        before = phone.submit(house("uuid:before")).status
        own_cluster.stop()
        gone = [phone.submit(SLIP, [FILE]).status, phone.get("/formList").status]
        gone.append(phone.request("GET", "/readyz").status)
        own_cluster.start()
        after = [phone.submit(SLIP, [FILE]).status, phone.submit(house("uuid:before")).status]

    assert before == 201
    assert gone == [503, 503, 503]
    assert after == [201, 201]


def test_a_server_that_is_ended_finishes_what_it_had_begun(tmp_path):
    installation = Installation(tmp_path / "data")
    with serve(installation) as server:
        server.stop()

    assert server.process.returncode == 0


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path):
    with serve(Installation(tmp_path / "a")) as server:
        port = server.url.rpartition(":")[2]
        said = Installation(tmp_path / "b").run("serve", "--port", port, status=1)

    assert "Address already in use" in said
    assert "Traceback" not in said
