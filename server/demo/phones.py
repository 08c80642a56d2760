"""Telephone numbers of the right form under prefixes that no operator has been given."""

from random import Random

from server.demo.tables import SHARES, TABLES

_UNASSIGNED = {
    "03": ("030", "031"),
    "05": ("050", "051", "053", "054", "057"),
    "07": ("071", "072", "074", "075"),
    "08": ("080",),
    "09": ("095",),
}
_UNASSIGNED_LANDLINE = "02270"


def draw_phone(rng: Random) -> str:
    chance = rng.random()
    if chance < SHARES["mobile"]:
        prefix = rng.choice(_UNASSIGNED[TABLES["mobile_prefix"].draw(rng)])
        return f"{prefix}{rng.randrange(10**7):07}"
    if chance < SHARES["mobile"] + SHARES["landline"]:
        return f"{_UNASSIGNED_LANDLINE}{rng.randrange(10**6):06}"
    return ""
