"""The ZIP of a workbook is one that others read, large ones too."""

from __future__ import annotations

import io
import zipfile

import pytest

from exports.writers import xlsx_package
from exports.writers.xlsx_package import Package, piece_of


def packed(*members: tuple[str, list[bytes]]) -> bytes:
    out = io.BytesIO()
    package = Package(out)
    for name, parts in members:
        package.add(name, [piece_of(part) for part in parts])
    package.finish()
    return out.getvalue()


MEMBERS = [("a.xml", [b"<a>", b"x" * 100_000, b"</a>"]), ("b/c.xml", [b"", b"y"]), ("d", [b""])]


@pytest.mark.parametrize("limit", [0xFFFF_FFFE, 200, 0])
def test_pieces_are_one_member_whatever_its_size(monkeypatch, limit):
    monkeypatch.setattr(xlsx_package, "_LARGEST", limit)

    with zipfile.ZipFile(io.BytesIO(packed(*MEMBERS))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: b"".join(parts) for name, parts in MEMBERS
        }
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
