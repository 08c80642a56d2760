"""Texts of problems in workbooks, by code, in Vietnamese and English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

MAX_DEPTH = 2
_FIELD = re.compile(r"(?<!\$)\{(\w+)\}")


def problem_text(code: str, language: str, details: Mapping[str, object]) -> str:
    """One or two sentences: what is wrong, what to do. KeyError for a code without a text.

    A detail that is itself a code of a phrase (`#missing`) is said in the same language.
    """
    texts = load_texts(language)

    def fill(text: str, depth: int = 0) -> str:
        def say(match: re.Match[str]) -> str:
            value = str(details.get(match[1], ""))
            is_phrase = value.startswith("#") and value[1:] in texts and depth < MAX_DEPTH
            return fill(texts[value[1:]], depth + 1) if is_phrase else value

        return _FIELD.sub(say, text)

    return fill(texts[code])


@cache
def load_texts(language: str) -> dict[str, str]:
    path = Path(__file__).parent / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
