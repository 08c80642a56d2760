"""Villages, and the collaborator who surveys each with one telephone."""

import string
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from server.demo.tables import PHRASES

_OLD_HUNG_YEN = (20.65, 20.97, 105.93, 106.23)
_THAI_BINH = (20.30, 20.70, 106.12, 106.55)
_FIRST_THAI_BINH_CODE = "12433"
_IN_COMMUNE = 0.018
_IN_VILLAGE = 0.0013


@dataclass(frozen=True, slots=True)
class Village:
    """A row of villages.csv."""

    code: str
    label: str
    commune_code: str
    legacy_commune_code: str


@dataclass(frozen=True, slots=True)
class Post:
    """A village as its collaborator works in it: a device, a middle point, the schools around."""

    village: Village
    device_id: str
    username: str
    latitude: float
    longitude: float
    households: int
    school: str


def make_post(village: Village, *, seed: int) -> Post:
    """The same village and seed make the same post, whatever other villages there are."""
    rng = Random(f"{seed}/{village.code}")
    latitude, longitude = _commune_point(village.commune_code)
    return Post(
        village=village,
        device_id="collect:" + "".join(rng.choices(string.ascii_letters + string.digits, k=16)),
        username=f"ctv{village.code}",
        latitude=latitude + rng.uniform(-_IN_COMMUNE, _IN_COMMUNE),
        longitude=longitude + rng.uniform(-_IN_COMMUNE, _IN_COMMUNE),
        households=int(rng.triangular(60, 350, 110)),
        school=rng.choice(PHRASES["school"]),
    )


def draw_gps(rng: Random, post: Post) -> str:
    """A dwelling within some 300 m of the village's point, as Collect writes a geopoint."""
    latitude = post.latitude + rng.gauss(0, _IN_VILLAGE)
    longitude = post.longitude + rng.gauss(0, _IN_VILLAGE)
    altitude, accuracy = rng.uniform(1, 9), rng.uniform(3, 15)
    return f"{latitude:.7f} {longitude:.7f} {altitude:.1f} {accuracy:.1f}"


def commune_codes(villages: Iterable[Village]) -> tuple[str, ...]:
    return tuple(sorted({village.commune_code for village in villages}))


def _commune_point(commune_code: str) -> tuple[float, float]:
    south, north, west, east = (
        _THAI_BINH if commune_code >= _FIRST_THAI_BINH_CODE else _OLD_HUNG_YEN
    )
    rng = Random(commune_code)
    return rng.uniform(south, north), rng.uniform(west, east)
