"""Appearances that Collect does not know but for one wrong letter: it shows the usual one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from forms.blocks import Outline
from forms.errors import Problem
from forms.worksheets import Worksheets

_KNOWN = frozenset(
    [
        "minimal",
        "autocomplete",
        "columns",
        "columns-pack",
        "no-buttons",
        "label",
        "list-nolabel",
        "list",
        "quick",
        "quickcompact",
        "compact",
        "horizontal",
        "horizontal-compact",
        "likert",
        "map",
        "image-map",
        "picker",
        "rating",
        "vertical",
        "no-ticks",
        "bearing",
        "counter",
        "masked",
        "multiline",
        "numbers",
        "url",
        "thousands-sep",
        "thousandsSep",
        "ex",
        "printer",
        "annotate",
        "draw",
        "signature",
        "new",
        "new-front",
        "new-rear",
        "placement-map",
        "maps",
        "streets",
        "satellite",
        "month-year",
        "year",
        "no-calendar",
        "ethiopian",
        "coptic",
        "islamic",
        "bikram-sambat",
        "myanmar",
        "persian",
        "buddhist",
        "hide-input",
        "field-list",
        "table-list",
        "full-screen-video-player",
        "incremental",
        "distress",
        "dynamic",
        "search-wide",
        "search",
        "selfie",
        "textarea",
        "multi-line",
        "w1",
        "w2",
        "w3",
        "w4",
        "w5",
        "w6",
        "w7",
        "w8",
        "w9",
        "w10",
        "w11",
        "w12",
        "hidden-answer",
        "trusted",
    ]
)
_CALL = re.compile(r"([\w:-]+)\s*\(.*\)")


def check_appearances(sheets: Worksheets, outline: Outline) -> Iterator[Problem]:
    survey = sheets.survey
    for entry in outline.entries:
        for word in _CALL.sub("", survey.value(entry.row, "appearance")).split():
            if word in _KNOWN or word.startswith(("ex:", "columns-", "compact-", "quickcompact-")):
                continue
            meant = next(iter(difflib.get_close_matches(word, sorted(_KNOWN), 1, 0.75)), "")
            if meant:
                yield survey.problem(
                    "survey.unknown_appearance",
                    entry.number,
                    "appearance",
                    {"word": word},
                    severity="warning",
                    suggestion=meant,
                )
