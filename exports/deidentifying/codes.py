"""Codes that are made coarser: ethnicity, and the groups of special circumstances.

A cell holds codes, or their labels where the export has them; what comes out is of the same sort.
What a column does not know is left out: it could be anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from exports.tables import Column

SENSITIVE_GROUP = "sensitive_group"
_RESTRICTED = frozenset({"05", "06", "07", "09", "10", "11", "12"})
_GROUP = re.compile(r"0[0-9]|1[0-4]")
_UNKNOWN_ETHNICITY = "99"
_TEXTS = {
    "kinh": {"vi": "Kinh", "en": "Kinh"},
    "minority": {"vi": "Dân tộc thiểu số", "en": "Minority"},
    SENSITIVE_GROUP: {"vi": "Nhóm nhạy cảm (không nêu rõ)", "en": "Sensitive group (not told)"},
}
_BETWEEN_LABELS = "; "


def is_open_group(code: str) -> bool:
    return _GROUP.fullmatch(code) is not None and code not in _RESTRICTED


def ethnicity_codes(language: str) -> dict[str, str]:
    return {code: _TEXTS[code][language] for code in ("kinh", "minority")}


def group_codes(column: Column, language: str) -> dict[str, str]:
    """The open groups as the column names them, and one for all others."""
    known = {c: t for c, t in column.codes.items() if is_open_group(c)}
    return {**known, SENSITIVE_GROUP: _TEXTS[SENSITIVE_GROUP][language]} if known else {}


def coarse_ethnicity(cells: pl.Series, column: Column, language: str) -> pl.Series:
    """Kinh or minority."""

    def coarse(cell: str) -> str | None:
        (code, *_), is_label = _codes_of(cell, column)
        if code == _UNKNOWN_ETHNICITY or (column.codes and code not in column.codes):
            return None
        label = column.codes.get(code, "")
        made = "kinh" if "kinh" in (code.lower(), label.lower()) or code == "01" else "minority"
        return _TEXTS[made][language] if is_label else made

    return _by_value(cells, coarse)


def open_groups(cells: pl.Series, column: Column, language: str) -> pl.Series:
    """The groups that may be told, and one word for any that may not."""

    def opened(cell: str) -> str | None:
        codes, is_label = _codes_of(cell, column)
        groups = [code for code in codes if _GROUP.fullmatch(code)]
        kept = [code for code in groups if code not in _RESTRICTED]
        labels = [column.codes[code] if is_label else code for code in kept]
        if len(kept) < len(groups):
            labels.append(_TEXTS[SENSITIVE_GROUP][language] if is_label else SENSITIVE_GROUP)
        return (_BETWEEN_LABELS if is_label else " ").join(labels) or None

    return _by_value(cells, opened)


def chosen(cells: pl.Series, column: Column, code: str) -> pl.Series:
    """1 where a cell has the code, 0 where it has others."""
    return _by_value(cells, lambda cell: "1" if code in _codes_of(cell, column)[0] else "0")


def _codes_of(cell: str, column: Column) -> tuple[list[str], bool]:
    """The codes of a cell, and whether it holds labels."""
    by_label = {label: code for code, label in column.codes.items()}
    labels = [cell] if cell in by_label else cell.split(_BETWEEN_LABELS)
    codes = [by_label[label] for label in labels if label in by_label]
    return (codes, True) if codes else (cell.split() or [""], False)


def _by_value(cells: pl.Series, change: Callable[[str], str | None]) -> pl.Series:
    """Each value is changed once, however often it stands there."""
    values = [value for value in cells.unique().to_list() if value is not None]
    changed = [change(value) for value in values]
    new = pl.Series(changed, dtype=pl.String)
    return cells.replace_strict(pl.Series(values, dtype=pl.String), new, default=None)
