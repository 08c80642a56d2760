"""Groups of children of the law of 2004 (Điều 40) → the groups of the law of 2016 (Điều 10).

Only what is certain is taken over (domain.md §2.2). What may be one of two groups, or one of those
that never stand in the open register, is told to whoever imports and not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from forms.folding import fold


class Unmapped(StrEnum):
    """Why a group is not taken over."""

    AMBIGUOUS = "ambiguous"
    RESTRICTED = "restricted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Left:
    """A group that was not taken over; its text, unless it is one that no list may tell."""

    why: Unmapped
    text: str


_NONE = "00"
_CERTAIN = {
    "bị bỏ rơi": "02",
    "khuyết tật": "04",
    "tàn tật": "04",
    "khuyết tật, tàn tật": "04",
    "không": _NONE,
    "không thuộc nhóm nào": _NONE,
}
_AMBIGUOUS = (
    "mồ côi",
    "mồ côi không nơi nương tựa",
    "mồ côi không nơi nương tựa, bị bỏ rơi",
    "không nơi nương tựa",
    "nạn nhân chất độc hoá học",
    "nạn nhân của chất độc hoá học",
    "làm việc xa gia đình",
    "phải làm việc xa gia đình",
    "lang thang",
)
_RESTRICTED = (
    "nhiễm hiv/aids",
    "nhiễm hiv",
    "làm việc nặng nhọc, nguy hiểm, tiếp xúc với chất độc hại",
    "phải làm việc nặng nhọc, nguy hiểm, tiếp xúc với chất độc hại",
    "làm việc nặng nhọc, nguy hiểm",
    "bị xâm hại tình dục",
    "nghiện ma tuý",
    "vi phạm pháp luật",
)


def _keys() -> Mapping[str, str | Unmapped]:
    known: dict[str, str | Unmapped] = {fold(text): code for text, code in _CERTAIN.items()}
    known |= {fold(text): Unmapped.AMBIGUOUS for text in _AMBIGUOUS}
    return known | {fold(text): Unmapped.RESTRICTED for text in _RESTRICTED}


_KNOWN = _keys()
_PREFIX = fold("trẻ em") + " "


def map_groups(text: str) -> tuple[str, list[Left]]:
    """Codes of 2016 with blanks between, and what is left; groups are separated by semicolons.

    With something left and nothing certain the codes are "": that is not known, not `00`.
    """
    codes: set[str] = set()
    left: list[Left] = []
    for part in filter(None, map(str.strip, text.split(";"))):
        found = _KNOWN.get(fold(part).removeprefix(_PREFIX), Unmapped.UNKNOWN)
        if isinstance(found, Unmapped):
            left.append(Left(found, "" if found is Unmapped.RESTRICTED else part))
        else:
            codes.add(found)
    if left or len(codes) > 1:
        codes.discard(_NONE)
    return " ".join(sorted(codes)), left
