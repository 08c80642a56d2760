"""The allowance and the services a child receives and needs, as its circumstances entitle it."""

from dataclasses import dataclass
from random import Random

from server.demo.circumstances import NONE, Circumstances
from server.demo.tables import TABLES, happens

_ALLOWANCE_GROUPS = {"01", "02", "03", "04"}
_MONTHLY_ALLOWANCE = "06"


@dataclass(frozen=True, slots=True)
class Services:
    """Codes of g_svc."""

    allowance: str
    received: tuple[str, ...]
    needed: tuple[str, ...]


def draw_services(rng: Random, circumstances: Circumstances) -> Services:
    special = circumstances.groups != (NONE,)
    eligible = not _ALLOWANCE_GROUPS.isdisjoint(circumstances.groups)
    poor_half_orphan = {"R1", "R7"}.issubset(circumstances.risks)
    allowance = (eligible and happens(rng, "allowance")) or (
        poor_half_orphan and happens(rng, "allowance_of_poor_half_orphans")
    )
    return Services(
        allowance="1" if allowance else "0",
        received=_draw_received(rng, special=special, eligible=eligible, allowance=allowance),
        needed=(TABLES["needed_by_supported" if special else "needed_by_others"].draw(rng),),
    )


def _draw_received(
    rng: Random, *, special: bool, eligible: bool, allowance: bool
) -> tuple[str, ...]:
    """In all, 88 % of children in special circumstances are supported in some way."""
    if allowance:
        return _draw_with_allowance(rng)
    if not special:
        return (TABLES["service_of_others"].draw(rng),)
    share = "supported_without_allowance" if eligible else "supported_outside_allowance"
    return (TABLES["service_of_supported"].draw(rng),) if happens(rng, share) else (NONE,)


def _draw_with_allowance(rng: Random) -> tuple[str, ...]:
    if not happens(rng, "second_service"):
        return (_MONTHLY_ALLOWANCE,)
    return tuple(sorted((_MONTHLY_ALLOWANCE, TABLES["service_of_supported"].draw(rng))))
