"""Names of questions: legal for a phone, and plain enough for tables, SQL, R and Stata."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from pyxform.parsing.expression import is_xml_tag

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Worksheets


def check_names(sheets: Worksheets, outline: Outline) -> Iterator[Problem]:
    """Yield what cannot be a name, and names that are used again or have accents."""
    survey = sheets.survey
    seen: dict[str, int] = {}
    for entry in outline.entries:
        name = entry.name
        if not name:
            if entry.type and entry.type != "note":
                yield survey.problem("survey.no_name", entry.number, "name")
            continue
        about = {"name": name, "first": seen.get(entry.path, "")}
        meant = plain_name(name)
        if not is_xml_tag(name):
            code = "survey.illegal_name"
            yield survey.problem(code, entry.number, "name", about, suggestion=meant)
        elif not name.isascii():
            yield survey.problem(
                "survey.accented_name",
                entry.number,
                "name",
                about,
                severity="warning",
                suggestion=meant,
            )
        if entry.path in seen:
            yield survey.problem("survey.duplicate_name", entry.number, "name", about)
        seen.setdefault(entry.path, entry.number)


def plain_name(text: str) -> str:
    """A name in ASCII that is like the text: `Họ tên` gives `ho_ten`."""
    text = text.strip().lower().replace("đ", "d")
    ascii_only = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_.-]+", "_", ascii_only).strip("_") or "name"
    return name if re.match("[a-z_]", name) else f"_{name}"
