"""Choice labels in one language, by the version that a submission was filled with."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms.definitions import Field, FormDefinition, Texts
from forms.layouts import build_layout

_LANGUAGE_CODE = re.compile(r"\(([a-z]{2,3})\)\s*$")
_MARKUP = re.compile(r"\*\*(.+?)\*\*|__(.+?)__|<[^>]+>")


@dataclass(frozen=True, slots=True)
class Choices:
    """The labels of one select, by code."""

    by_code: Mapping[str, str]
    is_multiple: bool

    def text(self, answer: str) -> str:
        """The label, or labels joined by "; "; a code without label stays a code."""
        if not self.is_multiple:
            return self.by_code.get(answer, answer)
        return "; ".join(self.by_code.get(code, code) for code in answer.split())

    def with_older(self, older: Choices) -> Choices:
        """The same with codes that an older version had."""
        return Choices({**older.by_code, **self.by_code}, self.is_multiple or older.is_multiple)


def language_code(name: str) -> str:
    """The code in a language's name: `vi` of `Tiếng Việt (vi)`; empty where it has none."""
    match = _LANGUAGE_CODE.search(name)
    return match.group(1) if match else ""


def pick_text(texts: Texts, language: str, default: str = "") -> str:
    """The text in a language code (`vi` finds `Tiếng Việt (vi)`), else the form's default one."""
    for name, text in texts.items():
        if language in (name, language_code(name)):
            return text
    return texts.get(default, "") or next(iter(texts.values()), "")


def heading_text(field: Field, language: str, default: str) -> str:
    """A question's label as a heading: one line, no markup; its name where it has no label."""
    text = _MARKUP.sub(lambda m: m[1] or m[2] or "", pick_text(field.labels, language, default))
    return " ".join(text.split()) or field.name


def repeat_labels(definitions: Sequence[FormDefinition], language: str) -> dict[str, str]:
    """What people call the repeats, by the names of their tables; definitions newest first."""
    found: dict[str, str] = {}
    for layout in build_layout(definitions)[1:]:
        of_version = ((d, f) for d in definitions for f in d.fields() if f.path == layout.path)
        definition, field = next(of_version)
        found[layout.name] = heading_text(field, language, definition.default_language)
    return found


def choices_by_path(
    definition: FormDefinition, files: Mapping[str, bytes], language: str
) -> dict[str, Choices]:
    """Every select of a version, by field path; lists in files are read from `files`."""
    found: dict[str, Choices] = {}
    external = {e.id: e.filename for e in definition.external_instances}
    for field in definition.fields():
        if not field.is_select:
            continue
        labels = {
            choice.value: pick_text(choice.labels, language, definition.default_language)
            for choice in field.choices
        }
        if not labels and field.itemset is not None:
            content = files.get(external.get(field.itemset.list_name, ""), b"")
            columns = (field.itemset.value_column, field.itemset.label_column)
            labels = _read_list(content, *columns)
        found[field.path] = Choices({c: t for c, t in labels.items() if t}, field.select_multiple)
    return found


def _read_list(content: bytes, value_column: str, label_column: str) -> dict[str, str]:
    """A choice list in CSV as Collect reads it: UTF-8, BOM allowed, `;` if the header has one."""
    text = content.decode("utf-8-sig", errors="replace")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    return {row.get(value_column) or "": row.get(label_column) or "" for row in rows}
