"""What needs a program that is missing is left out with the reason; in CI that is a failure."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.slips import ROOT

NEEDY = {
    "Java": ["tests/forms/test_workbooks.py", "-k", "odk_validate"],
    "LibreOffice": ["tests/whole/test_libreoffice.py", "-k", "workbook"],
    "mount": ["tests/whole/test_failures.py", "-k", "full_disk and xlsx"],
}


def run_tests(program: str, folder: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    """Run the tests that need the program where there is no program at all."""
    environ = {**os.environ, "PATH": str(folder), "CI": ci}
    for name in [name for name in environ if name.startswith("PYTEST_")]:
        del environ[name]
    options = ["-n", "0", "-rs", "-p", "no:cacheprovider", "--basetemp", str(folder / "tmp")]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *NEEDY[program]],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("program", NEEDY)
def test_a_missing_program_is_said_and_nothing_fails(program, tmp_path):
    done = run_tests(program, tmp_path, ci="")

    assert done.returncode == 0, done.stdout
    assert re.search(rf"^SKIPPED \[\d+\] .*{program}", done.stdout, re.MULTILINE)


def test_in_ci_a_missing_program_is_a_failure(tmp_path):
    done = run_tests("Java", tmp_path, ci="true")

    assert done.returncode == 1
    assert "Java is missing; in CI nothing is left out" in done.stdout
