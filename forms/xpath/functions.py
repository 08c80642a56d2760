"""The functions that Collect knows, with how many arguments each takes.

Source: JavaRosa's XPathFuncExpr, tried with ODK Validate's jar: what the XForms specification has
and JavaRosa has not (floor, ceiling, substring, last, name…), a phone refuses. pulldata and
intersects are Collect's own; search() is an appearance and no function.
"""

from __future__ import annotations

import difflib

_NONE = "current false now pi random today true version"
_ONE = (
    "abs acos area asin atan base64-decode boolean boolean-from-string cos count "
    "count-non-empty count-selected date date-time decimal-date-time decimal-time "
    "enclosed-area exp exp10 instance int intersects jr:itext log log10 not number once "
    "property sin sqrt string sum tan"
)
_TWO = (
    "atan2 coalesce contains ends-with extract-signed format-date format-date-time geofence "
    "jr:choice-name pow regex selected selected-at is-selected starts-with substring-after "
    "substring-before"
)
_SEVERAL: dict[str, tuple[int, int | None]] = {
    "checklist": (2, None),
    "concat": (0, None),
    "depend": (1, None),
    "digest": (2, 3),
    "distance": (1, None),
    "if": (3, 3),
    "indexed-repeat": (3, None),
    "join": (1, None),
    "max": (0, None),
    "min": (0, None),
    "normalize-space": (0, 1),
    "position": (0, 1),
    "pulldata": (4, 4),
    "randomize": (1, 2),
    "round": (1, 2),
    "string-length": (0, 1),
    "substr": (2, 3),
    "translate": (3, 3),
    "uuid": (0, 1),
    "weighted-checklist": (2, None),
}
ARITIES: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(_NONE.split(), (0, 0)),
    **dict.fromkeys(_ONE.split(), (1, 1)),
    **dict.fromkeys(_TWO.split(), (2, 2)),
    **_SEVERAL,
}


def is_known(name: str) -> bool:
    return name in ARITIES


def nearest_function(name: str) -> str | None:
    """The function that was probably meant."""
    return next(iter(difflib.get_close_matches(name, ARITIES, 1)), None)


def wrong_count(name: str, count: int) -> str | None:
    """How many arguments a known function takes, where `count` is none of that."""
    least, most = ARITIES[name]
    if least <= count and (most is None or count <= most):
        return None
    if most is None:
        return f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"
