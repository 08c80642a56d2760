"""Names that sound right in the Red River Delta and belong to nobody."""

from random import Random

from server.demo.tables import Weighted, read_data

_NAMES = {part: Weighted.of(weights) for part, weights in read_data("names").items()}
_OLDER_NAMES_UNTIL = 1990
_NO_MIDDLE = 1 / 12
_TWO_MIDDLES = 1 / 6
_FIRST = ("Thị", "Văn")


def draw_family_name(rng: Random) -> str:
    return _NAMES["family"].draw(rng)


def draw_adult_name(rng: Random, family_name: str, *, sex: str, born: int) -> str:
    kind = "man" if sex == "1" else "woman"
    modern = "boy" if sex == "1" else "girl"
    middle = _NAMES[f"middle_{kind}"].draw(rng)
    given = _NAMES[f"given_{kind if born < _OLDER_NAMES_UNTIL else modern}"].draw(rng)
    return f"{family_name} {middle} {given}"


def draw_child_name(rng: Random, family_name: str, *, sex: str) -> str:
    kind = "boy" if sex == "1" else "girl"
    middles = _draw_middles(rng, kind)
    given = _NAMES[f"given_{kind}"].draw(rng)
    while given in middles:
        given = _NAMES[f"given_{kind}"].draw(rng)
    return " ".join((family_name, *middles, given))


def _draw_middles(rng: Random, kind: str) -> tuple[str, ...]:
    chance = rng.random()
    if chance < _NO_MIDDLE:
        return ()
    middle = _NAMES[f"middle_{kind}"].draw(rng)
    if chance > 1 - _TWO_MIDDLES:
        middles = dict.fromkeys((middle, _NAMES[f"middle_{kind}"].draw(rng)))
        return tuple(sorted(middles, key=lambda syllable: syllable not in _FIRST))
    return (middle,)
