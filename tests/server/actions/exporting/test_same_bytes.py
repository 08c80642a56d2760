"""The same scope gives the same bytes (promise 6): in any format, another process, at any time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exports.options import Split, Values
from server.actions.exporting.orders import FORMAT_NAMES, By
from server.app import create_app
from server.cli.common import settings, storage
from server.config import read_settings
from server.db import db
from server.jobs.projecting import tidy_projection
from server.jobs.surroundings import Surroundings
from tests.helpers.exporting import export
from tests.helpers.slips import ROOT, house

KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "by-commune": {
        "by": By.COMMUNE,
        "edition": "current",
        "labels": "vi",
        "values": Values.BOTH,
        "split": Split.BOTH,
    },
}


def write_all(folder: Path) -> dict[str, Path]:
    """Every format there is, in two ways."""
    return dict(_write_all(folder))


def _write_all(folder: Path) -> Iterator[tuple[str, Path]]:
    for format_ in FORMAT_NAMES:
        for kind, words in KINDS.items():
            out = folder / f"{format_}-{kind}.zip"
            export("houses", out, format=format_, **words)
            yield out.name, out


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_format_is_the_same_again_by_another_process(submit, installation, tmp_path):
    for number, commune in enumerate(["12472", "13225", "99999", "12472", "12322"]):
        children = tuple((f"Bình {n}", "12"[n % 2], f"{n}.pdf") for n in range(number % 3))
        xml = house(f"uuid:{number}", commune=commune, children=children)
        assert submit(xml, ("0.pdf", b"0")).status_code == 201
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
    first = write_all(tmp_path / "first")
    tidy_projection(Surroundings.of(settings(), storage()))

    subprocess.run(
        [sys.executable, __file__, tmp_path / "again"],
        env=os.environ | installation.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )

    assert len(first) == len(KINDS) * len(FORMAT_NAMES)
    again = {name: (tmp_path / "again" / name).read_bytes() for name in first}
    assert [name for name, out in first.items() if out.read_bytes() != again[name]] == []


if __name__ == "__main__":
    with create_app(read_settings(os.environ)).app_context():
        write_all(Path(sys.argv[1]))
        db.session.remove()
        db.engine.dispose()
