"""The code by which messages and logs name a case: never anything that a person was called."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CODE = re.compile(r"(?=[^\d]*\d)[0-9A-Za-z][0-9A-Za-z./-]{0,31}")


def case_code(data: Mapping[str, str], uuid: str) -> str:
    """What the case form made; where that looks like no code, the beginning of the case's id."""
    code = data.get("case_code", "")
    return code if _CODE.fullmatch(code) else uuid[:8]
