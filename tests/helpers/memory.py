"""Memory of a server, all its processes together."""

from __future__ import annotations

import os
from pathlib import Path


def proportional_memory(group: int) -> int:
    """Bytes (PSS) of every process in a process group: shared pages are counted once."""
    return sum(_pss(pid) for pid in _members(group))


def _members(group: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.append(int(folder.name))
        except ProcessLookupError:
            continue
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
