"""Import lists that a person hands in: checked to the last row, then taken whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from server.actions.unit_checks import (
    check_editions,
    check_filled,
    check_successions,
    check_units,
)
from server.actions.unit_files import Kind, Row, UnitFile, read_unit_file
from server.actions.unit_loading import require_units
from server.actions.village_lists import add_villages, carry_villages
from server.auth.callers import Caller
from server.models import Edition, Succession, Unit
from server.queries import audits, projects, units
from server.queries.unit_tables import Changed, bring


def import_units(
    files: Iterable[tuple[str, bytes]], *, on: date, by: Caller
) -> Mapping[str, Changed]:
    """Take all files, in the order editions, units, successions, villages; call in a transaction.

    A list of villages is of the edition in force on the day. Raises UnitFileRefused.
    """
    require_units(by)
    read = [read_unit_file(name, content) for name, content in files]
    changed: dict[str, Changed] = {}
    for kind in Kind:
        rows = _rows(read, kind)
        if rows:
            changed[kind.value] = _TAKE[kind](rows, on)
    check_filled(_rows(read, Kind.EDITIONS))
    projects.touch_catalogue(None)
    audits.log(by, "unit.import", "unit", None, lists=sorted(changed))
    return changed


def _rows(read: Sequence[UnitFile], kind: Kind) -> list[Row]:
    return [row for file in read if file.kind is kind for row in file.rows]


def _editions(rows: Sequence[Row], _on: date) -> Changed:
    return bring(Edition, check_editions(rows, units.list_editions()))


def _units(rows: Sequence[Row], _on: date) -> Changed:
    wanted = check_units(rows, {row["edition"]: None for row in rows})
    return bring(Unit, wanted)


def _successions(rows: Sequence[Row], _on: date) -> Changed:
    changed = bring(Succession, check_successions(rows))
    carry_villages(sorted({row["to_edition"] for row in rows}))
    return changed


_TAKE: Mapping[Kind, Callable[[Sequence[Row], date], Changed]] = {
    Kind.EDITIONS: _editions,
    Kind.UNITS: _units,
    Kind.SUCCESSIONS: _successions,
    Kind.VILLAGES: add_villages,
}
