"""Small forms for every construct that our evaluator knows, and instances of them by a seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from lxml import etree

from forms.definitions import Field, FormDefinition, Kind
from forms.workbooks import compile_workbook

from .damaging import TEXTS

_HEADER = ("type", "name", "calculation", "relevant", "constraint", "required", "choice_filter")
_CHOICES = """| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) | area | weight |
| | yesno | yes | Có | Yes | | |
| | yesno | no | Không | No | | |
| | sex | 1 | Nam | Male | | |
| | sex | 2 | Nữ | Female | | |
| | place | 11 | Một | One | 1 | 5 |
| | place | 12 | Hai | Two | 1 | 1.5 |
| | place | 21 | Ba | Three | 2 | 05 |
| | place | 001 | Bốn | Four | x | |
| settings |
| | form_id | version | name | default_language |
| | corpus | 2026.1 | data | Tiếng Việt (vi) |
"""
_PLAUSIBLE = {
    "int": ("0", "1", "2", "3", "17", "18", "-4"),
    "decimal": ("0.5", "1", "2.25", "-3.75", "36.6"),
    "date": ("2024-02-29", "2010-01-31", "2026-11-23", "1969-07-20"),
    "dateTime": ("2024-02-29T23:30:00.000+07:00", "2026-11-23T08:00:00.000+07:00"),
    "time": ("08:15:00.000+07:00", "23:59:00.000+07:00"),
    "geopoint": ("21.03 105.85 10 5", "20.5 106.3 0 0"),
    "geotrace": ("21.0 105.8 0 0; 21.0 105.9 0 0; 21.1 105.9 0 0",),
    "geoshape": ("21.0 105.8 0 0; 21.0 105.9 0 0; 21.1 105.9 0 0; 21.0 105.8 0 0",),
    "string": ("An", "yes", "no", "1", "2", "11", "12", "21", "001", "Đặng Thị Hoa", "11 21"),
}


def compile_corpus_form(rows: str) -> FormDefinition:
    """Rows of `type | name | calculation | relevant | constraint | required | filter | count`."""
    labels = ["label::Tiếng Việt (vi)", "label::English (en)"]
    lines = ["| survey |", "| | " + " | ".join([*_HEADER, *labels]) + " |"]
    for row in filter(None, map(str.strip, rows.strip().splitlines())):
        cells = [cell.strip().replace("¦", "|") for cell in row.split(" | ")]
        cells += [""] * (len(_HEADER) - len(cells))
        has_label = not cells[0].startswith(("end ", "calculate"))
        label = cells[1] if has_label else ""
        lines.append("| | " + " | ".join([*cells, label, label]) + " |")
    source = "\n".join([*lines, _CHOICES])
    return compile_workbook(source.encode(), file_type=".md")


def iter_instances(definition: FormDefinition, count: int, seed: int) -> Iterator[bytes]:
    """Mostly plausible answers, some of another type; elements missing and repeats of 0 to 3."""
    rng = Random(seed)
    for number in range(count):
        root = etree.Element("data", id="corpus", version="2026.1")
        _fill(root, definition.root, rng)
        meta = etree.SubElement(root, "meta")
        etree.SubElement(meta, "instanceID").text = f"uuid:{seed}-{number}"
        yield etree.tostring(root, encoding="utf-8")


def _fill(parent: etree._Element, container: Field, rng: Random) -> None:
    for field in container.children:
        if field.name == "meta":
            continue
        times = rng.randint(0, 3) if field.kind is Kind.REPEAT else int(rng.random() > 0.04)
        for _ in range(times):
            element = etree.SubElement(parent, field.name)
            if field.children:
                _fill(element, field, rng)
            else:
                element.text = _answer(field, rng)


def _answer(field: Field, rng: Random) -> str:
    if rng.random() < 0.15:
        return rng.choice(TEXTS)
    if field.is_select and rng.random() < 0.9:
        codes = [choice.value for choice in field.choices] or ["1"]
        chosen = rng.sample(codes, rng.randint(1, len(codes))) if field.select_multiple else codes
        return " ".join(chosen) if field.select_multiple else rng.choice(codes)
    return rng.choice(_PLAUSIBLE.get(field.bind.type, ("", "a")))
