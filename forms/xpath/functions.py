"""The functions that Collect knows, with how many arguments each takes.

Sources: ODK XForms specification (XPath functions); JavaRosa's XPathFuncExpr; pulldata is
Collect's own, search() an appearance and no function.
"""

from __future__ import annotations

import difflib

_NONE = "current false now pi random today true version"
_ONE = (
    "abs acos asin atan base64-decode boolean boolean-from-string ceiling cos count "
    "count-non-empty count-selected date date-time decimal-date-time decimal-time exp exp10 "
    "floor instance int jr:itext log log10 not number once property sin sqrt string "
    "string-length sum tan"
)
_TWO = (
    "atan2 contains ends-with format-date format-date-time jr:choice-name pow "
    "regex selected selected-at is-selected starts-with substring-after substring-before"
)
_SEVERAL: dict[str, tuple[int, int | None]] = {
    "area": (1, None),
    "checklist": (2, None),
    "coalesce": (2, None),
    "concat": (0, None),
    "depend": (1, None),
    "digest": (2, 3),
    "distance": (1, None),
    "enclosed-area": (1, None),
    "geofence": (2, 2),
    "extract-signed": (2, 2),
    "id": (1, 1),
    "if": (3, 3),
    "indexed-repeat": (3, None),
    "intersects": (1, None),
    "join": (1, None),
    "last": (0, 0),
    "local-name": (0, 1),
    "max": (1, None),
    "min": (1, None),
    "name": (0, 1),
    "namespace-uri": (0, 1),
    "normalize-space": (0, 1),
    "position": (0, 1),
    "pulldata": (4, None),
    "randomize": (1, 2),
    "round": (1, 2),
    "string": (0, 1),
    "string-length": (0, 1),
    "number": (0, 1),
    "substr": (2, 3),
    "substring": (2, 3),
    "translate": (3, 3),
    "uuid": (0, 1),
    "weighted-checklist": (3, None),
}
_ARITIES: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(_NONE.split(), (0, 0)),
    **dict.fromkeys(_ONE.split(), (1, 1)),
    **dict.fromkeys(_TWO.split(), (2, 2)),
    **_SEVERAL,
}


def is_known(name: str) -> bool:
    return name in _ARITIES


def nearest_function(name: str) -> str | None:
    """The function that was probably meant."""
    return next(iter(difflib.get_close_matches(name, _ARITIES, 1)), None)


def wrong_count(name: str, count: int) -> str | None:
    """How many arguments a known function takes, where `count` is none of that."""
    least, most = _ARITIES[name]
    if least <= count and (most is None or count <= most):
        return None
    if most is None:
        return f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"
