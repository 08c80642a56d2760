"""Names of files and sheets that every system accepts."""

from __future__ import annotations

import re
import unicodedata

_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_SHEET_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
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


def sheet_names(wanted: list[str]) -> list[str]:
    """Names Excel accepts: at most 31 characters, unique whatever the case, not `History`."""
    names: list[str] = []
    for text in wanted:
        base = _SHEET_ILLEGAL.sub("_", text).strip("'") or "_"
        base = f"{base}_" if base.lower() == "history" else base
        name, count = base[:MAX_SHEET_NAME], 1
        while name.lower() in {n.lower() for n in names}:
            count += 1
            name = f"{base[: MAX_SHEET_NAME - len(str(count)) - 1]}~{count}"
        names.append(name)
    return names
