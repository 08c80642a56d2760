"""The files that a form reads as lists → rows of text by column (openrosa.md §5, ODK XForms
"secondary instances - external").
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from lxml import etree

from .errors import DocumentRefused, InstanceRefused
from .xml import local_name, parse_xml

Row = dict[str, str]
_MAX_BYTES = 50_000_000
_MAX_NODES = 3_000_000


def read_list_file(filename: str, content: bytes) -> list[Row]:
    """The rows of a .csv, .xml or .geojson; raise DocumentRefused for what is none of these."""
    suffix = filename[filename.rfind(".") :].lower()
    reader = _READERS.get(suffix)
    if reader is None:
        raise DocumentRefused(f"{filename} is no list")
    try:
        return list(reader(content))
    except (ValueError, csv.Error, InstanceRefused, AttributeError, TypeError) as error:
        raise DocumentRefused(f"{filename} cannot be read as a list") from error


def _read_csv(content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    head = text.partition("\n")[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    for row in csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, restval=""):
        yield {name: value for name, value in row.items() if isinstance(name, str) and name}


def _read_xml(content: bytes) -> Iterator[Row]:
    root = parse_xml(content, max_bytes=_MAX_BYTES, max_nodes=_MAX_NODES)
    for item in root.iter():
        if local_name(item) == "item":
            yield {local_name(cell): _text(cell) for cell in item if local_name(cell)}


def _read_geojson(content: bytes) -> Iterator[Row]:
    for feature in json.loads(content)["features"]:
        row = {name: _cell(value) for name, value in (feature.get("properties") or {}).items()}
        if "id" in feature:
            row.setdefault("id", _cell(feature["id"]))
        yield row | {"geometry": _geometry(feature.get("geometry") or {})}


def _geometry(geometry: dict[str, Any]) -> str:
    """Points as ODK writes them: latitude, longitude, 0, 0."""
    points = geometry.get("coordinates") or []
    match geometry.get("type"):
        case "Point":
            points = [points]
        case "Polygon":
            points = points[0]
    return "; ".join(f"{lat} {lon} 0 0" for lon, lat, *_ in points)


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


_READERS = {".csv": _read_csv, ".xml": _read_xml, ".geojson": _read_geojson}
