"""Which commune reported a submission: village, edition and commune, derived at receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from forms.definitions import FormDefinition
from forms.instances import Instance
from server.auth.callers import Caller
from server.auth.territories import find_heir
from server.models import Unit, UnitLevel
from server.queries import assignments, units, villages
from server.queries.catalogues import remembered
from server.queries.entities import Place

_locate_commune = remembered(units.locate_commune)

_COMMUNE_FIELDS = ("commune_code", "commune")
_VILLAGE_FIELD = "village_code"
_PRELOADS = (("date", "today"), ("timestamp", "end"), ("timestamp", "start"))


@dataclass(frozen=True, slots=True)
class Reported:
    """Where a submission comes from; None where that cannot be told.

    `sender_…` is where the sender works at receipt, said where the commune cannot be.
    """

    village_code: str | None = None
    edition: str | None = None
    commune_code: str | None = None
    sender_edition: str | None = None
    sender_commune_code: str | None = None

    @property
    def place(self) -> Place:
        """Where its entities belong that do not say it themselves: where it can be told at all."""
        if self.commune_code is None:
            return Place(self.village_code, self.sender_edition, self.sender_commune_code)
        return Place(self.village_code, self.edition, self.commune_code)


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of the fields that tell where and when, of one form version."""

    commune: str | None
    village: str | None
    days: tuple[str, ...]


def find_reported_commune(
    places: Places,
    instance: Instance,
    *,
    by: Caller,
    received_at: datetime,
    tz: ZoneInfo,
) -> Reported:
    """The commune as reported, in the edition in force when the slip was filled (design §11)."""
    received_on = received_at.astimezone(tz).date()
    on = received_on if instance.is_encrypted else _filled_on(instance, places) or received_on
    village = None if instance.is_encrypted else _answer(instance, places.village)
    code = None if instance.is_encrypted else _answer(instance, places.commune)
    if code:
        edition, is_known = _locate_commune(by.catalogue, on, code)
        code = code if is_known else None
    else:
        edition, code = _of_sender(by, on)
    if code is not None:
        return Reported(village, edition, code)
    return Reported(village, edition, None, *_of_sender(by, received_on))


def _of_sender(by: Caller, on: date) -> tuple[str | None, str | None]:
    return (None, None) if by.actor_id is None else _find_home(by.catalogue, by.actor_id, on)


def find_home(actor_id: int, on: date) -> tuple[str | None, str | None]:
    """The edition in force on a day, and the one commune in which all the actor's units are."""
    edition = units.find_edition(on)
    if edition is None:
        return None, None
    heirs = [find_heir((unit.edition, unit.code), on) for unit in assignments.list_units(actor_id)]
    communes = {_commune_of(unit, edition.id) for unit in heirs}
    return edition.id, communes.pop() if len(communes) == 1 else None


def _commune_of(unit: Unit | None, edition: str) -> str | None:
    if unit is not None and unit.level is UnitLevel.VILLAGE:
        return villages.list_communes_of_village(unit.code).get(edition)
    is_current = unit is not None and unit.edition == edition
    return unit.code if unit and is_current and unit.level is UnitLevel.COMMUNE else None


_find_home = remembered(find_home)


def find_places(definition: FormDefinition) -> Places:
    """Look once for each form version."""
    named = (definition.commune_field, *_COMMUNE_FIELDS)
    found = (definition.find_field(name) for name in named if name)
    commune = next((field for field in found if field), None)
    village = definition.find_field(_VILLAGE_FIELD)
    preloads = {(f.bind.preload, f.bind.preload_params): f.path for f in definition.fields()}
    return Places(
        commune=commune.path if commune else None,
        village=village.path if village else None,
        days=tuple(preloads[key] for key in _PRELOADS if key in preloads),
    )


def _filled_on(instance: Instance, places: Places) -> date | None:
    for path in places.days:
        try:
            return date.fromisoformat(instance.value(path).strip()[:10])
        except ValueError:
            continue
    return None


def _answer(instance: Instance, path: str | None) -> str | None:
    text = instance.value(path).strip() if path else ""
    return text[:32] or None
