"""Languages: their names and codes, the same on every sheet, and a text in each of them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from pyxform.validators.pyxform.iana_subtags.validation import get_languages_with_bad_tags

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Sheet, Worksheets

from .settings import setting

_TEXTS = (
    *("label", "hint", "guidance_hint", "constraint_message", "required_message"),
    *("media", "image", "audio", "video", "big-image"),
)
_SAID = ("label", "hint", "constraint_message", "required_message")
_COUNTRIES = {"vn": "vi", "us": "en", "uk": "en", "gb": "en", "kh": "km", "cn": "zh", "la": "lo"}
_NAMES = {
    **dict.fromkeys(("vietnamese", "tieng viet", "viet"), "Tiếng Việt (vi)"),
    **dict.fromkeys(("english", "tieng anh", "anh"), "English (en)"),
}
_TAG = re.compile(r"\(([^()]*)\)\s*$")


def check_languages(sheets: Worksheets, _: Outline) -> Iterator[Problem]:
    names = Counter(
        language for sheet in _spoken(sheets) for language, _ in _columns(sheet, _TEXTS)
    )
    yield from _odd_names(sheets, list(names))
    yield from _strangers(sheets)
    yield from _default(sheets, list(names))
    for sheet in _spoken(sheets):
        yield from _untranslated(sheet)


def _spoken(sheets: Worksheets) -> tuple[Sheet, Sheet]:
    return sheets.survey, sheets.choices


def _columns(sheet: Sheet, wanted: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Language and heading of each translated column."""
    for header in filter(None, sheet.headers):
        word, colon, language = header.partition("::" if "::" in header else ":")
        if colon and word.strip().lower() in wanted and language.strip():
            yield language.rpartition("::")[2].strip(), header


def _odd_names(sheets: Worksheets, languages: list[str]) -> Iterator[Problem]:
    """At the first column of each sheet that is in a language without a code."""
    bad = set(get_languages_with_bad_tags(languages))
    for sheet in _spoken(sheets):
        seen = set()
        for language, header in _columns(sheet, _TEXTS):
            if language not in bad or language in seen:
                continue
            seen.add(language)
            code = "language.bad_code" if _TAG.search(language) else "language.no_code"
            letter = sheet.letter_of(header)
            meant = _better(language)
            about = {"language": language}
            yield Problem(code, about, "warning", sheet.name, 1, letter, meant)


def _better(language: str) -> str:
    tag = _TAG.search(language)
    code = _COUNTRIES.get(tag[1].strip().lower()) if tag else None
    if code:
        return f"{_TAG.sub('', language).strip()} ({code})"
    plain = _plain(_TAG.sub("", language))
    return _NAMES.get(plain) or (f"{language} (vi)" if "viet" in plain else "")


def _strangers(sheets: Worksheets) -> Iterator[Problem]:
    """Languages of the choices that the survey does not have: the phone would offer one more."""
    survey = {language for language, _ in _columns(sheets.survey, _TEXTS)}
    seen = set()
    for language, header in _columns(sheets.choices, _TEXTS):
        if not survey or language in survey or language in seen:
            continue
        seen.add(language)
        letter = sheets.choices.letter_of(header)
        meant = _nearest(language, survey)
        about = {"language": language, "known": ", ".join(sorted(survey))}
        yield Problem("language.other_name", about, "warning", "choices", 1, letter, meant)


def _default(sheets: Worksheets, languages: list[str]) -> Iterator[Problem]:
    given = setting(sheets.settings, "default_language")
    if not given or not languages or given in languages:
        return
    letter = sheets.settings.letter("default_language")
    about = {"language": given, "known": ", ".join(languages)}
    yield Problem(
        "language.no_default",
        about,
        "warning",
        "settings",
        2,
        letter,
        _nearest(given, set(languages)),
    )


def _untranslated(sheet: Sheet) -> Iterator[Problem]:
    """Cells that are empty although the same text is there in another language."""
    by_text: dict[str, list[tuple[str, str]]] = {}
    for language, header in _columns(sheet, _SAID):
        by_text.setdefault(header.partition(":")[0].strip().lower(), []).append((language, header))
    for number, row in sheet.numbered():
        for columns in by_text.values():
            said = [header for _, header in columns if str(row.get(header) or "").strip()]
            for language, header in columns if said else ():
                if header not in said:
                    about = {"language": language, "column": header}
                    letter = sheet.letter_of(header)
                    yield Problem(
                        "language.untranslated", about, "warning", sheet.name, number, letter
                    )


def _nearest(language: str, known: set[str]) -> str:
    """By its name without accents, or by its code."""
    plain = {_plain(name): name for name in sorted(known)}
    word = _plain(language)
    codes = {tag[1]: name for name in sorted(known) if (tag := _TAG.search(name))}
    close = difflib.get_close_matches(word, plain, 1, 0.6)
    return codes.get(word) or (plain[close[0]] if close else "")


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFD", text.strip().lower().replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c)).strip()
