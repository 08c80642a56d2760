"""The shipped forms, and slips of them as Collect writes them, in xlsforms/*/examples."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from forms.definitions import Field, FormDefinition, Kind
from forms.workbooks import compile_form
from forms.xml import local_name
from tests.helpers.slips import ROOT

SHIPPED = sorted((ROOT / "xlsforms").glob("*/*.xlsx"))
EXAMPLES = sorted((ROOT / "xlsforms").glob("*/examples/*.xml"))


@cache
def compile_shipped(workbook: Path) -> FormDefinition:
    return compile_form(workbook.read_bytes(), filename=workbook.name)


def workbook_of(example: Path) -> Path:
    folder = example.parents[1]
    return folder / f"{folder.name}.xlsx"


def examples_of(workbook: Path) -> list[Path]:
    return sorted((workbook.parent / "examples").glob("*.xml"))


def lists_of(workbook: Path) -> dict[str, bytes]:
    """The lists that the examples read: those of the form, and registers that are filled."""
    folders = workbook.parent / "media", workbook.parent / "examples" / "media"
    return {path.name: path.read_bytes() for folder in folders for path in folder.glob("*")}


def script_of(form: FormDefinition, slip: etree._Element) -> dict[str, Any]:
    """What a person answered to fill the slip, as a script for JavaRosa."""
    answers: dict[str, str] = {}
    repeats: dict[str, str] = {}
    _add_answers(form.root, slip, "/data", answers, repeats)
    return {"answers": answers, "repeats": repeats}


def _add_answers(
    field: Field, node: etree._Element, path: str, answers: dict[str, str], repeats: dict[str, str]
) -> None:
    for child in field.children:
        found = [element for element in node if local_name(element) == child.name]
        below = f"{path}/{child.name}"
        if child.kind is Kind.REPEAT:
            repeats[below] = str(len(found))
        for number, element in enumerate(found, 1):
            place = f"{below}[{number}]" if child.kind is Kind.REPEAT else below
            if child.kind is not Kind.QUESTION:
                _add_answers(child, element, place, answers, repeats)
            elif child.control and not child.is_note and element.text:
                answers[place] = element.text
