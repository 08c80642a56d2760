"""Exports written in this process, as commands and workers have them written."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.actions.exporting.asking import ExportRequest, make_order
from server.actions.exporting.performing import perform
from server.actions.exporting.writing import Installed
from server.auth.callers import Caller
from server.cli.common import operator, settings, storage
from server.db import snapshot
from server.queries.forms import get_form


def installed() -> Installed:
    own = settings()
    return Installed.of(storage(), own.secret_key, own.tz)


def export(
    form_id: str,
    out: Path,
    *,
    by_whom: Caller | None = None,
    progress: Callable[[int], None] = lambda count: None,
    **words: Any,
) -> dict[str, bytes]:
    """What was written, by name; `words` are those of an ExportRequest."""
    with snapshot():
        form = get_form(1, form_id)
        asked = make_order(ExportRequest(**words), form, out=out, tz=settings().tz)
        perform(asked.order, form, at=installed(), by=by_whom or operator(), progress=progress)
    return contents(out)


def contents(out: Path) -> dict[str, bytes]:
    """The files of a folder, without the mark of ours, or of a ZIP; or the one file there is."""
    if out.is_dir():
        paths = sorted(path for path in out.rglob("[!.]*") if path.is_file())
        return {str(path.relative_to(out)): path.read_bytes() for path in paths}
    if out.suffix != ".zip":
        return {out.name: out.read_bytes()}
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def read_rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, strict=True))
