"""Which commune reported a submission: village, edition and commune, derived at receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from forms.definitions import FormDefinition
from forms.instances import Instance
from server.auth.callers import Caller
from server.queries import actors, units
from server.queries.catalogues import remembered

_locate_commune = remembered(units.locate_commune)

_COMMUNE_FIELDS = ("commune_code", "commune")
_VILLAGE_FIELD = "village_code"
_PRELOADS = (("date", "today"), ("timestamp", "end"), ("timestamp", "start"))


@dataclass(frozen=True, slots=True)
class Reported:
    """Where a submission comes from; None where that cannot be told."""

    village_code: str | None = None
    edition: str | None = None
    commune_code: str | None = None


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
    if instance.is_encrypted:
        return _of_submitter(by, received_at.astimezone(tz).date())
    on = _filled_on(instance, places) or received_at.astimezone(tz).date()
    village = _answer(instance, places.village)
    code = _answer(instance, places.commune)
    if not code:
        reported = _of_submitter(by, on)
        return Reported(village, reported.edition, reported.commune_code)
    edition, is_known = _locate_commune(by.catalogue, on, code)
    return Reported(village, edition, code if is_known else None)


def _of_submitter(by: Caller, on: date) -> Reported:
    edition = units.find_edition(on)
    if edition is None or by.actor_id is None:
        return Reported()
    codes = set(actors.list_unit_codes(by.actor_id))
    communes = [code for code in codes if units.find_commune(edition.id, code)]
    return Reported(None, edition.id, communes[0] if len(communes) == 1 else None)


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
