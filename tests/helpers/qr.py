"""QR codes read by another program than the one that drew them."""

from __future__ import annotations

import base64
import itertools
import json
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import zxingcpp

_STEP = re.compile(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?")


@dataclass(frozen=True)
class Picture:
    """Grey pixels: 0 is black."""

    width: int
    height: int
    pixels: bytes

    def pixel(self, x: int, y: int) -> int:
        return self.pixels[y * self.width + x]

    def quiet_zone(self) -> int:
        """White pixels before the first black one, from the left."""
        rows = range(self.height)
        return min(x for x in range(self.width) if any(self.pixel(x, y) == 0 for y in rows))

    def read(self) -> str:
        image = memoryview(self.pixels).cast("B", (self.height, self.width))
        found = zxingcpp.read_barcode(image)
        assert found is not None
        return found.text


def read_png(path: Path) -> Picture:
    """A PNG of one bit a pixel, as black and white pictures are kept."""
    data = path.read_bytes()
    chunks = {}
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        chunks[kind] = chunks.get(kind, b"") + data[at + 8 : at + 8 + length]
        at += length + 12
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (1, 0)
    raw = zlib.decompress(chunks[b"IDAT"])
    step = (width + 7) // 8 + 1
    rows = [bytes(step - 1)]
    for y in range(height):
        way, *row = raw[y * step : (y + 1) * step]
        assert way in (0, 2)  # as it is, or as the difference to the row above
        above = rows[-1] if way else bytes(step - 1)
        rows.append(bytes((a + b) % 256 for a, b in zip(row, above, strict=True)))
    bits = [bin(int.from_bytes(b"\x01" + row))[3:][:width] for row in rows[1:]]
    return Picture(width, height, bytes(255 if bit == "1" else 0 for bit in "".join(bits)))


def read_svg(text: str, scale: int = 4) -> Picture:
    """An SVG of one path of horizontal strokes, drawn on white."""
    root = ElementTree.fromstring(text)
    modules = int(root.get("viewBox", f"0 0 0 {root.get('width')}").split()[3])
    group = next(p for p in root.findall(".//{*}path") if p.get("stroke"))
    factor = re.fullmatch(r"scale\((\d+)\)", group.get("transform", "scale(1)"))
    size = modules // int(factor[1])
    dark = [[False] * size for _ in range(size)]
    x = y = 0.0
    for step, a, b in _STEP.findall(group.get("d")):
        if step == "h":
            dark[int(y)][int(x) : int(x + float(a))] = [True] * int(float(a))
            x += float(a)
        else:
            x, y = (float(a), float(b)) if step == "M" else (x + float(a), y + float(b))
    rows = ([0 if d else 255 for d in row for _ in range(scale)] * scale for row in dark)
    return Picture(size * scale, size * scale, bytes(itertools.chain.from_iterable(rows)))


def read_settings(text: str) -> dict:
    """As Collect reads it (openrosa.md §11.3)."""
    return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
