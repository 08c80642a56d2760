"""Which address people are told, and who may read what an installation keeps."""

from __future__ import annotations

import os
import re
import stat

import pytest

from tests.helpers.installations import Installation
from tests.helpers.servers import serve


def test_without_an_address_the_answer_cannot_be_taken_for_one(installation):
    added = installation.run_json("app-users", "add", "Hoa")
    said = installation.run("app-users", "add", "Lan", stderr_too=True)

    assert added["url"] == f"<PHIEU_PUBLIC_URL>/v1/key/{added['token']}/projects/1"
    assert "Nobody has said by which address" in said


def test_the_address_that_serve_announced_is_told(installation):
    with serve(installation) as server:
        added = installation.run_json("app-users", "add", "Hoa")
        with_setting = Installation(
            installation.data,
            installation.database_url,
            {"PHIEU_PUBLIC_URL": "https://phieu.example/"},
        ).run_json("app-users", "add", "Lan")

    assert added["url"].startswith(f"{server.url}/v1/key/")
    assert with_setting["url"].startswith("https://phieu.example/v1/key/")


def test_an_address_of_this_machine_alone_is_said_to_be_one(installation):
    installation.extra["PHIEU_PUBLIC_URL"] = "http://127.0.0.1:8000"

    said = installation.run("app-users", "add", "Hoa", stderr_too=True)

    assert "\nhttp://127.0.0.1:8000/v1/key/" in said
    assert "works on this machine only" in said


def test_only_the_first_start_shows_a_way_in(tmp_path):
    installation = Installation(tmp_path / "data")

    with serve(installation) as first:
        pass
    with serve(installation) as second:
        pass

    assert f"ODK Collect: {first.collect}" in first.output()
    assert "One-time password: " in first.output()
    assert "/key/" not in second.output()
    assert "phieu app-users qr" in second.output()


def test_serve_starts_with_another_secret_key(installation):
    with serve(installation):
        pass
    installation.extra["PHIEU_SECRET_KEY"] = "another"

    installation.run("work", "--once")
    said = installation.run("serve", "--host", "203.0.113.1", status=1)

    assert "Traceback" not in said


def test_a_release_that_makes_the_administrator_shows_the_password(tmp_path):
    installation = Installation(tmp_path / "data")

    said = installation.run("work", "--once", stderr_too=True)
    again = installation.run("work", "--once", stderr_too=True)

    assert re.search(r"^One-time password: \S{19}$", said, re.M)
    assert "One-time password" not in again


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_nobody_else_reads_what_an_installation_keeps(tmp_path, umask):
    installation = Installation(tmp_path / "data")
    before = os.umask(umask)
    try:
        installation.run("work", "--once")
    finally:
        os.umask(before)

    everything = [installation.data, *installation.data.rglob("*")]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in everything}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert installation.data / "phieu.sqlite3" in modes
