"""Columns that must be there, and columns that nobody reads, whose content is dropped."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from pyxform import aliases

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Sheet, Worksheets

_NEEDED = {"survey": ("type", "name"), "choices": ("list_name", "name")}
_SURVEY = {
    *("type", "name", "label", "hint", "guidance_hint", "relevant", "constraint", "required"),
    *("constraint_message", "required_message", "calculation", "choice_filter", "default"),
    *("appearance", "parameters", "save_to", "read_only", "repeat_count", "trigger", "media"),
    *("bind", "body", "instance", "control", "disabled", "intent", "autoplay", "query"),
    *("note", "notes", "comment", "comments", "sensitivity", "kept"),
    "restricted_save_to",
    *aliases.survey_header,
}
_SETTINGS = {
    *("form_title", "form_id", "version", "default_language", "instance_name", "public_key"),
    *("submission_url", "auto_send", "auto_delete", "style", "name", "namespaces", "id_string"),
    *("allow_choice_duplicates", "instance_xmlns", "omit_instanceid", "clean_text_values"),
    *("sms_keyword", "sms_separator", "commune_field", "data_class", "attribute", "title"),
    *("client_editable", "compact_delimiter", "compact_prefix", "instance_id", "prefix"),
    *("sms_allow_media", "sms_date_format", "sms_datetime_format", "sms_response"),
    *aliases.settings_header,
}
_ENTITIES = {"list_name", "dataset", "label", "entity_id", "create_if", "update_if", "repeat"}
_CHOICES = {"list_name", "name", "label", "image", "audio", "video", "media", "geometry"}
_KNOWN = {"survey": _SURVEY, "settings": _SETTINGS, "entities": _ENTITIES}


def check_headings(sheets: Worksheets, _: Outline) -> Iterator[Problem]:
    missing = list(_iter_missing(sheets))
    yield from missing
    told = {(problem.sheet, problem.column) for problem in missing}
    ignored = [*_nearly(sheets.choices)]
    for name, known in _KNOWN.items():
        sheet = sheets.find(name)
        ignored += _unknown(sheet, known) if sheet is not None else ()
    yield from (problem for problem in ignored if (problem.sheet, problem.column) not in told)


def _iter_missing(sheets: Worksheets) -> Iterator[Problem]:
    for name, needed in _NEEDED.items():
        sheet = sheets.find(name)
        if sheet is None or not any(sheet.numbered()):
            continue
        for column in needed:
            if sheet.letter(column) is None:
                yield _missing(sheet, column)


def _missing(sheet: Sheet, column: str) -> Problem:
    headers = [h for h in sheet.headers if h]
    nearest = next(iter(difflib.get_close_matches(column, headers, 1, 0.6)), None)
    if nearest is None:
        return Problem("sheet.no_column", {"column": column}, sheet=sheet.name, row=1)
    about = {"column": column, "found": nearest}
    letter = sheet.letter_of(nearest)
    return Problem("sheet.misspelled_column", about, "error", sheet.name, 1, letter, column)


def _unknown(sheet: Sheet, known: set[str]) -> Iterator[Problem]:
    for header in dict.fromkeys(filter(None, sheet.headers)):
        word = _word(header)
        if word and word not in known:
            meant = _nearest(word, known)
            yield _ignored(sheet, header, meant)


def _nearly(choices: Sheet) -> Iterator[Problem]:
    """Other columns of choices are the designer's own, for filters; a translated one is none."""
    for header in dict.fromkeys(filter(None, choices.headers)):
        word = _word(header)
        if word in _CHOICES or ("::" not in header and ":" not in header):
            continue
        if meant := _nearest(word, _CHOICES):
            yield _ignored(choices, header, meant)


def _ignored(sheet: Sheet, header: str, meant: str) -> Problem:
    letter = sheet.letter_of(header)
    about = {"column": header}
    return Problem("sheet.unknown_column", about, "warning", sheet.name, 1, letter, meant)


def _word(header: str) -> str:
    return header.partition(":")[0].strip().lower()


def _nearest(word: str, known: set[str]) -> str:
    return next(iter(difflib.get_close_matches(word, sorted(known), 1, 0.75)), "")
