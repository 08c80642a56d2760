"""A form with every kind of geo question as a Dataset, and a reader of GeoPackage geometries."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from exports.tables import Cells, Column, Table, TableHead


def point(name: str) -> tuple[Column, ...]:
    parts = ("Latitude", "Longitude", "Altitude", "Accuracy")
    return tuple(Column(f"{name}-{p}", "decimal", path=f"/{name}", part=p) for p in parts)


def question(name: str, type_: str = "string") -> Column:
    return Column(name, type_, path=f"/{name}")


class Tables:
    """Rows under heads as a Dataset, in batches of two."""

    name = "f"
    title = "F"
    language = "vi"
    tz = ZoneInfo("Asia/Ho_Chi_Minh")

    def __init__(self, *tables: tuple[TableHead, Sequence[Cells]]) -> None:
        self.heads = tuple(head for head, _ in tables)
        self.rows = [rows for _, rows in tables]

    def batches(self) -> Iterator[tuple[Table, ...]]:
        for at in range(0, max(map(len, self.rows)), 2):
            pairs = zip(self.heads, self.rows, strict=True)
            yield tuple(Table.of(head, rows[at : at + 2]) for head, rows in pairs)


def read_geometry(blob: bytes) -> dict[str, object]:
    """GeoPackageBinary as a GeoJSON geometry, written from OGC 12-128r18 §2.1.3 and ISO WKB."""
    magic, version, flags, srs = struct.unpack_from("<2sBBi", blob)
    assert (magic, version, srs, flags & 0b110001) == (b"GP", 0, 4326, 1)
    envelope = struct.unpack_from("<4d", blob, 8) if flags >> 1 & 0b111 == 1 else None
    at = 8 + (32 if envelope else 0)
    order, type_ = struct.unpack_from("<BI", blob, at)
    assert order == 1
    width = 3 if type_ > 1000 else 2
    kind = {1: "Point", 2: "LineString", 3: "Polygon"}[type_ % 1000]
    at += 5
    if kind == "Polygon":
        assert struct.unpack_from("<I", blob, at) == (1,)
        at += 4
    count = 1
    if kind != "Point":
        [count] = struct.unpack_from("<I", blob, at)
        at += 4
    assert len(blob) == at + count * width * 8
    positions = [
        list(struct.unpack_from(f"<{width}d", blob, at + i * width * 8)) for i in range(count)
    ]
    if envelope:
        xs, ys = [p[0] for p in positions], [p[1] for p in positions]
        assert envelope == (min(xs), max(xs), min(ys), max(ys))
    nested = {"Point": positions[0], "LineString": positions, "Polygon": [positions]}[kind]
    return {"type": kind, "coordinates": nested}
