"""Fill a register with the rows of a list as phones have it, whoever might do so."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from server.actions.entities.known import get_list
from server.db import transaction, utc_now
from server.queries import entities, units
from server.queries.entities import NewVersion, Place

_NOT_SAVED = {"name", "label", "__version"}


def fill_register(file: Path, *, on: date) -> None:
    """Add what `child.csv` holds to the list child, each row in the version that it has there."""
    facts = get_list(None, 1, file.stem)
    edition = units.find_edition(on).id
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    made = [((facts.id, row["name"]), *_first(row, edition), utc_now()) for row in rows]
    with transaction():
        ids = entities.add_entities(made)
        entities.add_versions(
            [(id_, version, at) for id_, (_, version, _, at) in zip(ids, made, strict=True)]
        )
        entities.touch_places(facts.id, [place for _, _, place, _ in made])


def _first(row: dict[str, str], edition: str) -> tuple[NewVersion, Place]:
    data = {name: text for name, text in row.items() if name not in _NOT_SAVED and text}
    version = NewVersion(
        number=int(row["__version"]),
        label=row["label"],
        data=data,
        received=data | {"label": row["label"]},
        source="import",
    )
    return version, Place(data.get("village_code"), edition, data["commune_code"])
