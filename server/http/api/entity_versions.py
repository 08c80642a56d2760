"""The versions of an entity beside each other: what differs, and where a conflict began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from server.queries.entity_pages import VersionRow

from .entity_schemas import Actors, Shows, dump_values, dump_version, values_of


def dump_versions(
    rows: Sequence[VersionRow], properties: Sequence[str], actors: Actors, shows: Shows
) -> list[dict[str, Any]]:
    """Oldest first. An open conflict begins at the last version before it that had none."""
    by_number = {row.number: row for row in rows}
    open_ones = [row for row in rows if row.conflict is not None and row.resolved_at is None]
    good = min((row.number - 1 for row in open_ones), default=None)
    bases = {row.base_version for row in open_ones}
    dumped = []
    for row in rows:
        is_relevant = good is not None and (row.number >= good or row.number in bases)
        dumped.append(
            {
                "current": row is rows[-1],
                **dump_version(row, properties, actors, shows),
                **dump_values(row, properties),
                "source": _source(row, shows),
                "conflict": row.conflict.value if row.conflict else None,
                "resolved": row.resolved_at is not None,
                **_diffs(row, by_number, properties),
                "lastGoodVersion": row.number == good,
                "relevantToConflict": is_relevant,
            }
        )
    return dumped


def dump_diffs(rows: Sequence[VersionRow], properties: Sequence[str]) -> list[list[dict[str, Any]]]:
    """What each version after the first changed; a side is left out where nothing was."""
    values = [values_of(row, properties) for row in rows]
    return [
        [
            {key: side[name] for key, side in (("old", old), ("new", new)) if name in side}
            | {"propertyName": name}
            for name in ["label", *properties]
            if old.get(name) != new.get(name)
        ]
        for old, new in pairwise(values)
    ]


def _diffs(
    row: VersionRow, by_number: Mapping[int, VersionRow], properties: Sequence[str]
) -> dict[str, list[str]]:
    """Of a version in conflict: what it changes of its base, and of what was there."""
    sides = {"baseDiff": row.base_version, "serverDiff": row.number - 1}
    sent = dump_values(row, properties)["dataReceived"]
    told: dict[str, list[str]] = {}
    for name, number in sides.items():
        other = by_number.get(number) if row.conflict is not None else None
        known = values_of(other, properties) if other is not None else {}
        told[name] = [n for n, value in sent.items() if other and known.get(n) != value]
    return told


def _source(row: VersionRow, shows: Shows) -> dict[str, Any]:
    """`{}` of what came by itself over the API, as in Central."""
    if row.instance_id is not None and shows(row):
        named = {"instanceId": row.instance_id, "xmlFormId": row.xml_form_id}
        return {"submission": named}
    kind, _, name = row.source.partition(":")
    return {"name": name} if kind == "import" else {}
