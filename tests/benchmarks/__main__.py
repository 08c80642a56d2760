"""Start real servers, drive them, print one JSON document; progress goes to standard error."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.exporting import measure_exports
from tests.benchmarks.figures import Figure, say
from tests.benchmarks.hostile import measure_hostile
from tests.benchmarks.receiving import measure_form_list, measure_memory, measure_receiving
from tests.benchmarks.register import measure_register
from tests.benchmarks.rules import measure_rules
from tests.benchmarks.starting import measure_starts
from tests.benchmarks.units import measure_units
from tests.helpers.installations import Installation
from tests.helpers.postgresql import Cluster, find_programs
from tests.helpers.servers import serve

PARTS = ["starts", "sqlite", "postgresql", "exports", "register", "rules"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    options = parser.parse_args()
    wanted = options.only or PARTS
    # Beside the project, not in /tmp: that may be memory, where fsync costs nothing.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as name:
        Path(name).chmod(0o755)
        _compile_once()
        figures = list(_figures(wanted, Path(name), 0.1 if options.quick else 1.0))
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    print(json.dumps({"machine": machine, "figures": [f.row() for f in figures]}, indent=1))


def _compile_once() -> None:
    """Commands find modules compiled, as they are where the program is installed."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall = [sys.executable, "-m", "compileall", "-q", "server", "exports", "forms"]
    subprocess.run(compileall, check=True)


def _figures(wanted: list[str], folder: Path, scale: float) -> Iterator[Figure]:
    if "starts" in wanted:
        yield from measure_starts()
    if "sqlite" in wanted:
        yield from _serving(Installation(folder / "sqlite"), "sqlite", scale)
    if "postgresql" in wanted:
        yield from _on_postgresql(folder, scale)
    if "exports" in wanted:
        yield from measure_exports(folder, scale=scale)
    if "register" in wanted:
        yield from measure_register(
            Installation(folder / "register"), "sqlite", folder, scale=scale
        )
        yield from _register_on_postgresql(folder, scale)
    if "rules" in wanted:
        yield from measure_rules(scale=scale)


def _on_postgresql(folder: Path, scale: float) -> Iterator[Figure]:
    with _postgresql(folder / "postgresql") as installation:
        if installation is not None:
            yield from _serving(installation, "postgresql", scale)


def _register_on_postgresql(folder: Path, scale: float) -> Iterator[Figure]:
    with _postgresql(folder / "register-postgresql") as installation:
        if installation is not None:
            yield from measure_register(installation, "postgresql", folder, scale=scale)


@contextmanager
def _postgresql(data: Path) -> Iterator[Installation | None]:
    programs = find_programs()
    if programs is None:
        say("PostgreSQL's programs are missing: left out")
        yield None
        return
    with Cluster(programs, durable=True) as cluster:
        yield Installation(data, cluster.url(cluster.create()))


def _serving(installation: Installation, database: str, scale: float) -> Iterator[Figure]:
    with serve(installation, cold=True) as server:
        yield from measure_memory(server, database)
        yield from measure_form_list(server, database, scale=scale)
        yield from measure_receiving(server, database, scale=scale)
        yield from measure_hostile(server, database)
    yield from measure_units(installation, database)


if __name__ == "__main__":
    main()
