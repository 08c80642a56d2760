"""The wheel alone, in an empty environment, brings all that `phieu serve` needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
import venv

import pytest

from tests.conftest import IN_CI
from tests.helpers.slips import ROOT


def test_the_installed_wheel_serves_the_shipped_form(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    programs = tmp_path / "env" / "bin"
    pip = [programs / "pip", "install", "-q", "--disable-pip-version-check"]
    locked = [*pip, "--require-hashes", "-r", ROOT / "requirements.lock"]
    if subprocess.run(locked, capture_output=True, check=False).returncode and not IN_CI:
        pytest.skip("the packages of requirements.lock cannot be had here")
    subprocess.run([*pip, "--no-deps", wheel], check=True, capture_output=True)
    environ = {"PATH": os.environ["PATH"], "PHIEU_DATA": str(tmp_path / "data")}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "phieu", "serve", "--port", "0"],
            cwd=tmp_path,
            env=environ,
            stdout=output,
            stderr=output,
        )
    try:
        listed = wait_for_list(log)
    finally:
        process.terminate()
        process.wait(timeout=40)

    assert b"<formID>child_situation</formID>" in listed


def wait_for_list(log) -> bytes:
    for _ in range(600):
        found = re.search(r"^ODK Collect: (\S+)", log.read_text(encoding="utf-8"), re.M)
        if found:
            try:
                with urllib.request.urlopen(f"{found[1]}/formList") as answer:
                    return answer.read()
            except OSError:
                pass
        time.sleep(0.1)
    raise RuntimeError(log.read_text())
