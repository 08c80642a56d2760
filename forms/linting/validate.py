"""A second opinion: ODK Validate, the program in pyxform, where Java is installed."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import pyxform

from forms.definitions import FormDefinition
from forms.errors import Problem

JAR = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
_SECONDS = 120
_NOISE = re.compile(
    r"^\s*(at |>>|Result:|\d+ \S+ ?|$|Xform is valid|The following files failed|"
    r"org\.javarosa|java\.|Picked up)|\.xml$"
)
_OBJECT = re.compile(r"org\.javarosa\.[\w.$]*@[0-9a-f]+")


def ask_validate(definition: FormDefinition) -> list[Problem]:
    """What it says of the XForm, in its own words; one warning where there is no Java."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "form.xml")
        path.write_bytes(definition.xform)
        try:
            done = subprocess.run(
                ["java", "-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-jar", JAR, path],
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except (FileNotFoundError, subprocess.TimeoutExpired):
            return [Problem("validate.missing", severity="warning")]
    said = done.stdout + done.stderr
    if "Xform is valid" in said:
        return []
    lines = [_OBJECT.sub("…", line.strip()) for line in said.splitlines()]
    kept = dict.fromkeys(line for line in lines if not _NOISE.search(line))
    return [Problem("validate.said", {"said": " ".join(kept)[:600]})]
