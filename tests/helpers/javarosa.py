"""The phone of tests/javarosa: a Java program that opens, fills and sends forms by JavaRosa."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyxform

DEVICE_ID = "collect:Javarosa00000001"
SOURCES = Path(__file__).parents[1] / "javarosa"
JAR = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
"""JavaRosa as ODK Validate brings it: without Collect's own functions, and without entities."""


@dataclass(frozen=True)
class JavaPhone:
    """The compiled program; every run is a phone that has no form yet."""

    classes: Path

    def run(
        self, server_url: str, form_id: str, folder: Path, *scripts: dict[str, Any], status: int = 0
    ) -> Any:
        """Download the form, and fill and send it once for each script; see Script.java.

        Files that a script names stand in the folder. Returns the report, or why it ended.
        """
        folder.mkdir(exist_ok=True)
        paths = [folder / f"script-{number}.json" for number in range(len(scripts))]
        for path, script in zip(paths, scripts, strict=True):
            path.write_text(json.dumps(script), encoding="utf-8")
        options = ["-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"]
        classes = f"{JAR}{os.pathsep}{self.classes}"
        done = subprocess.run(
            ["java", *options, "-cp", classes, "Phone", server_url, form_id, folder, *paths],
            env=os.environ | {"LC_ALL": "C.UTF-8", "TZ": "Asia/Ho_Chi_Minh"},
            capture_output=True,
            timeout=120,
            check=False,
        )
        errors = done.stderr.decode()
        assert done.returncode == status, errors
        return json.loads(done.stdout) if status == 0 else errors


def is_installed() -> bool:
    return bool(shutil.which("javac") and shutil.which("java"))


def compile_phone(folder: Path) -> JavaPhone:
    """Compile the program into the folder, for the oldest Java that it is meant for."""
    command = ["javac", "--release", "17", "-encoding", "UTF-8", "-nowarn", "-cp", JAR]
    done = subprocess.run(
        [*command, "-d", folder, *SOURCES.glob("*.java")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return JavaPhone(folder)
