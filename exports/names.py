"""Names of files and sheets that every system accepts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePath

from exports.utf16 import cut

_ILLEGAL = re.compile(r'[<>:"/\\|?*]')
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # what turns a name around, or cannot be encoded
_OPENERS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # of a formula, or of a command's option
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_SHEET_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]")
MAX_SHEET_NAME = 31
_MAX_BYTES = 200
_MAX_SUFFIX = 12


def ascii_name(text: str) -> str:
    """Lower-case ASCII with hyphens: `Xã Quỳnh Phụ` → `xa-quynh-phu`."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def file_name(text: str) -> str:
    """The text without what Windows, macOS or Linux refuse in a file name; its suffix is kept."""
    seen = ("_" if unicodedata.category(c) in _UNSEEN else c for c in text)
    name = _ILLEGAL.sub("_", "".join(seen)).strip(" .")
    if not name or _RESERVED.fullmatch(name) or _visible(name).startswith(_OPENERS):
        name = f"_{name}"
    return _cut(name, _MAX_BYTES)


def bare_file_name(text: str) -> str:
    """The same as Central names files: what is refused somewhere is left out, nothing put for it.

    For whole names with their suffix; what a spreadsheet might take for a formula stays.
    """
    seen = "".join(c for c in text if unicodedata.category(c) not in _UNSEEN)
    name = _ILLEGAL.sub("", seen).rstrip(" .")
    return _cut("_" if not name or _RESERVED.fullmatch(name) else name, _MAX_BYTES)


def unique_file_name(text: str, taken: set[str]) -> str:
    """A file name unlike those in `taken`, whatever the case or composition; it joins them.

    A twin gets a number before its suffix: `a.jpg`, `A~2.jpg`.
    """
    wanted = name = file_name(text)
    stem, suffix = _split(wanted)
    count = 1
    while _folded(name) in taken:
        count += 1
        name = f"{_cut(stem, _MAX_BYTES - _MAX_SUFFIX - 8)}~{count}{suffix}"
    taken.add(_folded(name))
    return name


def _visible(name: str) -> str:
    """The name from the first character that shows."""
    unseen = (unicodedata.category(c)[0] in "CZM" or c in _FILLERS for c in name)
    return name[next((i for i, is_unseen in enumerate(unseen) if not is_unseen), len(name)) :]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem and len(suffix.encode()) < _MAX_SUFFIX else (name, "")


def _cut(name: str, most: int) -> str:
    """The name in at most that many bytes, taken from before its suffix."""
    if len(name.encode()) <= most:
        return name
    stem, suffix = _split(name)
    room = most - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + suffix


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
    legal = _SHEET_ILLEGAL.sub("_", text).strip("'")
    if _visible(legal).startswith(_OPENERS):  # a program may list the names in cells
        legal = f"_{legal}"
    base = cut(legal, MAX_SHEET_NAME).rstrip("'")
    if not base.strip():
        return "_"
    return f"{base}_" if base.lower() == "history" else base


def name_beside(side: str, main: str, out: str) -> str:
    """How `side`, named after the file `main`, is called beside it once `main` is `out`."""
    return PurePath(out).stem + side.removeprefix(PurePath(main).stem)
