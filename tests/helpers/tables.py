"""What an export must hold of an instance, found without the code under test."""

from __future__ import annotations

from xml.etree import ElementTree

GEOPOINTS = {"hh_gps", "gps"}
PARTS = ("Latitude", "Longitude", "Altitude", "Accuracy")
Cells = dict[str, str]


def expected_rows(xml: bytes, *, repeats: set[str]) -> tuple[Cells, list[Cells]]:
    """The cells of the root table, and those of each row of a repeat, with their keys."""
    root = ElementTree.fromstring(xml)
    key = next(e.text for e in root.iter() if _name(e) == "instanceID")
    row: Cells = {"KEY": key}
    children: list[Cells] = []
    _collect(root, (), row, children, repeats, key)
    return row, children


def _collect(element, path, row, children, repeats, place) -> None:
    """`place` is the row's key and the groups walked through since."""
    positions: dict[str, int] = {}
    for child in element:
        name = _name(child)
        if name in repeats:
            positions[name] = positions.get(name, 0) + 1
            own = {"PARENT_KEY": row["KEY"], "KEY": f"{place}/{name}[{positions[name]}]"}
            children.append(own)
            _collect(child, (), own, children, repeats, own["KEY"])
        elif len(child):
            _collect(child, (*path, name), row, children, repeats, f"{place}/{name}")
        elif child.text:
            _set(row, "-".join((*path, name)), name, child.text)


def _set(row: Cells, column: str, name: str, text: str) -> None:
    if name in GEOPOINTS:
        row.update({f"{column}-{p}": t for p, t in zip(PARTS, text.split(), strict=False)})
    else:
        row[column] = text


def _name(element) -> str:
    return element.tag.rpartition("}")[2]
