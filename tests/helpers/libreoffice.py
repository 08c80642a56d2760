"""LibreOffice, run once for several files, as a second opinion on what we wrote."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.cell import Cell

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_SIZE = re.compile(rb"/F\d+ ([0-9.]+) Tf")
_CSV = "CSV:44,34,76,1,{columns},1033,false,{judged},false,false,false,-1,{judged}"
AS_EXCEL = _CSV.format(columns="", judged="true")
"""A CSV as Excel opens it: commas, UTF-8, every cell judged for what it could be, formulas run."""
AS_TEXT = _CSV.format(columns="/".join(f"{i}/2" for i in range(1, 65)), judged="false")
"""A CSV with every column taken as text."""


def has_libreoffice() -> bool:
    return shutil.which("soffice") is not None


def read_books(
    paths: Sequence[Path], folder: Path, infilter: str = ""
) -> dict[str, dict[str, list[list[Cell]]]]:
    """The rows of every sheet of every file, by file stem, as LibreOffice understood them.

    `folder` is for its profile and its output; a profile of one's own keeps runs apart.
    """
    out = folder / "read"
    _convert(paths, "xlsx", out, infilter)
    books = {path.stem: openpyxl.load_workbook(out / f"{path.stem}.xlsx") for path in paths}
    return {
        stem: {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in book}
        for stem, book in books.items()
    }


def read_printed_sizes(path: Path, folder: Path) -> list[float]:
    """How high the smallest letters of each page are, in points, when it is printed."""
    _convert([path], "pdf", folder / "printed")
    content = (folder / "printed" / f"{path.stem}.pdf").read_bytes()
    drawn = [_unpacked(stream) for stream in _STREAM.findall(content)]
    pages = [_SIZE.findall(page) for page in drawn]
    return [min(map(float, sizes)) for sizes in pages if sizes]


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def _convert(paths: Sequence[Path], kind: str, out: Path, infilter: str = "") -> None:
    profile = (out.parent / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless"]
    command += [f"--infilter={infilter}"] if infilter else []
    command += ["--convert-to", kind, "--outdir", str(out), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
