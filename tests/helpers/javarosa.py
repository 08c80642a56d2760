"""The phone of tests/javarosa: a Java program that opens, fills and sends forms by JavaRosa."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyxform

DEVICE_ID = "collect:Javarosa00000001"
SOURCES = Path(__file__).parents[1] / "javarosa"
JAR = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
"""JavaRosa as ODK Validate brings it: without Collect's own functions, and without entities."""
Lists = dict[str, list[dict[str, str]]]
"""The rows of each entity list, with the columns that only phones have."""


@dataclass(frozen=True)
class JavaPhone:
    """The compiled program. What a phone has stands in a folder, and outlives the run."""

    classes: Path

    def run(
        self, server_url: str, form_id: str, folder: Path, *scripts: dict[str, Any], status: int = 0
    ) -> Any:
        """Download the form, and fill and send it once for each script; see Script.java.

        Files that a script names stand in the folder. Returns the report, or why it ended.
        """
        paths = _write_scripts(folder, scripts)
        return self.start("visit", folder, server_url, form_id, *paths, status=status)

    def start(self, command: str, folder: Path, *arguments: object, status: int = 0) -> Any:
        """One run of the program; see Phone.java. The first leaves its classes for the others."""
        archive = self.classes.with_suffix(".jsa")
        shared = "SharedArchiveFile" if archive.exists() else "ArchiveClassesAtExit"
        options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"]
        options += [f"-XX:{shared}={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
        classes = f"{JAR}{os.pathsep}{self.classes}"
        done = subprocess.run(
            ["java", *options, "-cp", classes, "Phone", command, folder, *map(str, arguments)],
            env=os.environ | {"LC_ALL": "C.UTF-8", "TZ": "Asia/Ho_Chi_Minh"},
            capture_output=True,
            timeout=120,
            check=False,
        )
        errors = done.stderr.decode()
        assert done.returncode == status, errors
        return json.loads(done.stdout) if status == 0 else errors


@dataclass(frozen=True)
class Handset:
    """One person's phone, which is on the network only while it syncs and sends."""

    program: JavaPhone
    server_url: str
    folder: Path

    def sync(self, form_id: str) -> Lists:
        """Download the form; returns its entity lists as they are on the phone then."""
        self.folder.mkdir(exist_ok=True)
        return self.program.start("sync", self.folder, self.server_url, form_id)["lists"]

    def fill(self, form_id: str, *scripts: dict[str, Any]) -> tuple[list[Any], Lists]:
        """The filled slips, which wait on the phone, and the lists after them."""
        paths = _write_scripts(self.folder, scripts)
        report = self.program.start("fill", self.folder, form_id, *paths)
        return report["slips"], report["lists"]

    def visit(self, form_id: str, *scripts: dict[str, Any]) -> Any:
        """Download the form, fill it and send each slip at once."""
        return self.program.run(self.server_url, form_id, self.folder, *scripts)

    def send(self, *slips: Any) -> None:
        paths = [slip["xml"] for slip in slips]
        report = self.program.start("send", self.folder, self.server_url, *paths)
        assert {request["status"] for request in report["requests"]} == {201}


def _write_scripts(folder: Path, scripts: Sequence[dict[str, Any]]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"script-{number}.json" for number in range(len(scripts))]
    for path, script in zip(paths, scripts, strict=True):
        path.write_text(json.dumps(script), encoding="utf-8")
    return paths


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
    jar = folder / "phone.jar"
    with ZipFile(jar, "w") as packed:
        for path in folder.glob("*.class"):
            packed.write(path, path.name)
    return JavaPhone(jar)
