"""Names of files and sheets that every system accepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePath

from exports.utf16 import cut

_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_SHEET_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]")
MAX_SHEET_NAME = 31


def ascii_name(text: str) -> str:
    """Lower-case ASCII with hyphens: `Xã Quỳnh Phụ` → `xa-quynh-phu`."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def file_name(text: str) -> str:
    """The text without what Windows, macOS or Linux refuse in a file name."""
    name = _ILLEGAL.sub("_", text).strip(" .")
    if not name or _RESERVED.fullmatch(name):
        name = f"_{name}"
    while len(name.encode()) > 200:
        name = name[:-1]
    return name


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Names Excel accepts: at most 31 units long, unique whatever the case, not `History`."""
    names: list[str] = []
    taken: set[str] = set()
    for text in wanted:
        base = name = _sheet_name(text)
        count = 1
        while name.lower() in taken:
            count += 1
            name = f"{cut(base, MAX_SHEET_NAME - len(str(count)) - 1)}~{count}"
        taken.add(name.lower())
        names.append(name)
    return names


def _sheet_name(text: str) -> str:
    base = cut(_SHEET_ILLEGAL.sub("_", text).strip("'"), MAX_SHEET_NAME).rstrip("'")
    if not base.strip():
        return "_"
    return f"{base}_" if base.lower() == "history" else base


def name_beside(side: str, main: str, out: str) -> str:
    """How `side`, named after the file `main`, is called beside it once `main` is `out`."""
    return PurePath(out).stem + side.removeprefix(PurePath(main).stem)
