"""Types, lists, labels and references of questions.

pyxform stops at its first mistake, and names no cell for the commonest.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from pyxform import aliases
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from forms.blocks import Entry, Outline
from forms.errors import Problem
from forms.worksheets import Sheet, Worksheets

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
    "ngày giờ": "dateTime",
    "thời gian": "time",
    "số": "integer",
    "chữ": "text",
    "hình ảnh": "image",
    "âm thanh": "audio",
    "vị trí": "geopoint",
    "tính toán": "calculate",
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
    """Yield what is wrong with the type and the label of each row."""
    survey = sheets.survey
    lists = {
        sheet.value(row, "list_name").strip()
        for sheet in (sheets.choices, sheets.external_choices)
        for _, row in sheet.numbered()
    }
    for entry in outline.entries:
        if entry.type or entry.name or survey.value(entry.row, "label"):
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
    return Problem(
        "survey.unknown_name",
        {"name": name},
        sheet=sheet.name,
        row=number,
        column=sheet.letter_of(header) if header in sheet.headers else None,
        suggestion=_nearest(name, names),
    )


def _check_type(entry: Entry, survey: Sheet, lists: set[str]) -> Iterator[Problem]:
    if entry.block or entry.type in QUESTION_TYPE_DICT or entry.type.startswith(("osm ", "osm")):
        return
    select = _SELECT.fullmatch(entry.type)
    if not entry.type:
        yield survey.problem("survey.no_type", entry.number, "type")
    elif _LISTLESS.fullmatch(entry.type):
        known = ", ".join(sorted(lists)[:8])
        about = {"type": entry.type, "known": known or "–"}
        yield survey.problem("survey.no_list", entry.number, "type", about)
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
    return survey.problem(
        "survey.unknown_type", entry.number, "type", {"type": entry.type}, suggestion=meant
    )


def _unknown_list(entry: Entry, survey: Sheet, kind: str, name: str, lists: set[str]) -> Problem:
    if "file" in kind:
        return survey.problem("survey.file_kind", entry.number, "type", {"name": name})
    return survey.problem(
        "survey.unknown_list",
        entry.number,
        "type",
        {"name": name},
        suggestion=_nearest(name, lists),
    )


def _check_label(entry: Entry, survey: Sheet) -> Iterator[Problem]:
    """As pyxform, ask a label or hint of all that phones show, except of what is calculated."""
    if not _is_shown(entry.type) or survey.value(entry.row, "calculation"):
        return
    if not any(survey.value(entry.row, column) for column in _LABELS):
        yield survey.problem("survey.no_label", entry.number, "label", {"name": entry.name})


def _is_shown(kind: str) -> bool:
    if kind.startswith("background-"):
        return False
    known = QUESTION_TYPE_DICT.get(kind)
    if known is None:
        return _SELECT.fullmatch(kind) is not None
    return known.get("control", {}).get("tag") not in (None, "action")


def _nearest(word: str, words: list[str] | set[str]) -> str:
    return next(iter(difflib.get_close_matches(word, sorted(words), 1, 0.7)), "")
