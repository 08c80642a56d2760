"""The usual mistakes on a survey sheet, each with its cell (pyxform-errors.md).

pyxform stops at its first one, and names no cell for the commonest: wrong types, missing labels.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator

from pyxform import aliases
from pyxform.parsing.expression import is_xml_tag
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from .blocks import Entry, Outline
from .errors import Problem
from .worksheets import Sheet, Worksheets

_SELECT = re.compile(
    rf"({'|'.join(map(re.escape, aliases.select))}) (\S+)( (or specify other|or_other|or other))?"
)
_LISTLESS = re.compile(rf"{'|'.join(map(re.escape, aliases.select))}")
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}]*?)\s*\}")
_FILE = re.compile(r".+\.(csv|xml|geojson)")
_VIETNAMESE_TYPES = {
    "văn bản": "text",
    "số nguyên": "integer",
    "số thập phân": "decimal",
    "ngày": "date",
    "giờ": "time",
    "ghi chú": "note",
    "ảnh": "image",
    "chọn một": "select_one",
    "chọn nhiều": "select_multiple",
    "toạ độ": "geopoint",
    "tọa độ": "geopoint",
    "nhóm": "begin_group",
    "nhóm lặp": "begin_repeat",
}
_TYPES = [*QUESTION_TYPE_DICT, *aliases.select, "begin_group", "begin_repeat", "end_group"]
_LABELS = ("label", "hint", "guidance_hint", "image", "big-image", "audio", "video", "media")


def check_survey(sheets: Worksheets, outline: Outline) -> Iterator[Problem]:
    """Yield what is wrong with each row by itself and with the names of all of them."""
    survey = sheets.survey
    lists = {
        sheet.value(row, "list_name").strip()
        for sheet in (sheets.choices, sheets.external_choices)
        for _, row in sheet.numbered()
    }
    seen: dict[str, int] = {}
    for entry in outline.entries:
        if entry.type or entry.name or survey.value(entry.row, "label"):
            yield from _check_name(entry, survey, seen)
            yield from _check_type(entry, survey, lists)
            yield from _check_label(entry, survey)


def check_references(sheets: Worksheets, outline: Outline) -> Iterator[Problem]:
    """Yield each `${name}`, on any sheet, that is no question's name."""
    names = {entry.name for entry in outline.entries}
    for sheet in sheets:
        for number, row in sheet.numbered():
            for header, value in row.items():
                for name in dict.fromkeys(_REFERENCE.findall(str(value))):
                    if name not in names and name.removesuffix("_other") not in names:
                        yield _unknown_name(sheet, number, header, name, names)


def _unknown_name(sheet: Sheet, number: int, header: str, name: str, names: set[str]) -> Problem:
    reason = f"There is no question named {name}."
    return Problem(
        "survey.unknown_name",
        reason,
        sheet=sheet.name,
        row=number,
        column=sheet.letter_of(header) if header in sheet.headers else None,
        suggestion=_nearest(name, names),
    )


def _check_name(entry: Entry, survey: Sheet, seen: dict[str, int]) -> Iterator[Problem]:
    if not entry.name:
        if entry.type != "note":
            reason = "This question or group has no name."
            yield survey.problem("survey.no_name", reason, entry.number, "name")
        return
    if not is_xml_tag(entry.name):
        reason = (
            f"«{entry.name}» cannot be a name: a name begins with a letter or _, "
            "and has only letters, digits, _, - and points."
        )
        yield survey.problem(
            "survey.illegal_name", reason, entry.number, "name", suggestion=plain_name(entry.name)
        )
    if entry.path in seen:
        reason = f"The name {entry.name} is used in row {seen[entry.path]} already."
        yield survey.problem("survey.duplicate_name", reason, entry.number, "name")
    seen.setdefault(entry.path, entry.number)


def _check_type(entry: Entry, survey: Sheet, lists: set[str]) -> Iterator[Problem]:
    if entry.block or entry.type in QUESTION_TYPE_DICT or entry.type.startswith(("osm ", "osm")):
        return
    select = _SELECT.fullmatch(entry.type)
    if not entry.type:
        reason = "This row has no type."
        yield survey.problem("survey.no_type", reason, entry.number, "type")
    elif _LISTLESS.fullmatch(entry.type):
        reason = f"{entry.type} needs the name of a list after it."
        suggestion = " or ".join(f"{entry.type} {name}" for name in sorted(lists)[:3])
        yield survey.problem("survey.no_list", reason, entry.number, "type", suggestion=suggestion)
    elif select is None:
        yield _unknown_type(entry, survey)
    elif not (select[2] in lists or _FILE.fullmatch(select[2]) or "${" in select[2]):
        yield _unknown_list(entry, survey, select[1], select[2], lists)


def _unknown_type(entry: Entry, survey: Sheet) -> Problem:
    first, _, rest = entry.type.partition(" ")
    meant = _VIETNAMESE_TYPES.get(entry.type.lower()) or ""
    if not meant and rest and (word := _nearest(first, list(aliases.select))):
        meant = f"{word} {rest}"
    meant = meant or _nearest(entry.type, _TYPES)
    reason = f"Unknown question type '{entry.type}'."
    return survey.problem("survey.unknown_type", reason, entry.number, "type", suggestion=meant)


def _unknown_list(entry: Entry, survey: Sheet, kind: str, name: str, lists: set[str]) -> Problem:
    if "file" in kind:
        reason = f"{name}: the file's name must end in .csv, .xml or .geojson."
        return survey.problem("survey.file_kind", reason, entry.number, "type")
    reason = f"List name not in choices sheet: {name}."
    return survey.problem(
        "survey.unknown_list", reason, entry.number, "type", suggestion=_nearest(name, lists)
    )


def _check_label(entry: Entry, survey: Sheet) -> Iterator[Problem]:
    """As pyxform, ask a label or hint of all that phones show, except of what is calculated."""
    if not _is_shown(entry.type) or survey.value(entry.row, "calculation"):
        return
    if not any(survey.value(entry.row, column) for column in _LABELS):
        reason = f"The question {entry.name} has no label or hint."
        yield survey.problem("survey.no_label", reason, entry.number, "label")


def _is_shown(kind: str) -> bool:
    if kind.startswith("background-"):
        return False
    known = QUESTION_TYPE_DICT.get(kind)
    if known is None:
        return _SELECT.fullmatch(kind) is not None
    return known.get("control", {}).get("tag") not in (None, "action")


def plain_name(text: str) -> str:
    """A name in ASCII that is like the text: `Họ tên` gives `ho_ten`."""
    text = text.strip().lower().replace("đ", "d")
    ascii_only = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_.-]+", "_", ascii_only).strip("_") or "name"
    return name if re.match("[a-z_]", name) else f"_{name}"


def _nearest(word: str, words: list[str] | set[str]) -> str:
    return next(iter(difflib.get_close_matches(word, sorted(words), 1, 0.7)), "")
