"""Our ZIPs as other programs read them: Python's zipfile and Info-ZIP."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import zips
from exports.pieces import piece_of
from exports.zips import ZipWriter

Members = dict[str, tuple[bytes, bool]]

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1
)
BYTES = st.binary(max_size=300) | st.binary(min_size=1, max_size=9).map(lambda b: b * 30_000)


class OneWay(io.RawIOBase):
    """What can only be written to, such as an answer over HTTP."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.written += data
        return len(data)


def packed(members: Members) -> bytes:
    out = OneWay()
    archive = ZipWriter(out)
    for name, (content, is_packed) in members.items():
        archive.add(name, io.BytesIO(content), size=len(content), is_packed=is_packed)
    archive.finish()
    return bytes(out.written)


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.tuples(BYTES, st.booleans()), max_size=5))
def test_members_come_back_as_they_were(members):
    content = packed(members)

    assert read(content) == {name: data for name, (data, _) in members.items()}
    assert packed(members) == content


def test_a_member_bears_no_clock_and_is_its_owners():
    content = packed({"Phiếu trẻ em.csv": (b"x", False)})
    [info] = zipfile.ZipFile(io.BytesIO(content)).infolist()

    assert info.filename == "Phiếu trẻ em.csv"
    assert info.date_time == (1980, 1, 1, 0, 0, 0)
    assert info.external_attr >> 16 == 0o100600


def test_text_is_packed_and_a_photo_is_not_packed_again():
    data = b"0123456789" * 100_000
    text, photo = (len(packed({"a": (data, is_packed)})) for is_packed in (False, True))

    assert text < len(data) / 20
    assert len(data) < photo < len(data) + 400


def test_no_members_are_a_valid_archive():
    assert read(packed({})) == {}


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_large_member_is_in_zip64(monkeypatch, is_packed):
    monkeypatch.setattr(zips, "_LARGE", 1000)
    members = dict.fromkeys(("a", "b"), (b"ab" * 1000, is_packed)) | {"c": (b"small", False)}

    assert read(packed(members)) == {name: data for name, (data, _) in members.items()}


def test_more_members_than_the_short_directory_counts():
    members = {str(i): (b"", True) for i in range(70_000)}
    content = packed(members)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == list(members)
        assert archive.read("69999") == b""


@pytest.mark.parametrize("limit", [4_000_000_000, 200, -1])
def test_pieces_are_one_member_whatever_its_size(monkeypatch, limit):
    monkeypatch.setattr(zips, "_LARGE", limit)
    members = {"a.xml": [b"<a>", b"x" * 100_000, b"</a>"], "b/c.xml": [b"", b"y"], "d": [b""]}
    out = OneWay()
    archive = ZipWriter(out)

    for name, parts in members.items():
        archive.add_pieces(name, [piece_of(part) for part in parts])
    archive.add("e", io.BytesIO(b"streamed"), size=8)
    archive.finish()

    whole = {name: b"".join(parts) for name, parts in members.items()}
    assert read(bytes(out.written)) == whole | {"e": b"streamed"}


@pytest.mark.skipif(not shutil.which("unzip"), reason="unzip is not installed")
def test_info_zip_finds_no_fault(tmp_path, monkeypatch):
    members = {"thư mục/ảnh.jpg": (b"\xff\xd8" * 90_000, True), "a.csv": (b"x,y\r\n" * 9000, False)}
    (tmp_path / "small.zip").write_bytes(packed(members))
    monkeypatch.setattr(zips, "_LARGE", 1000)
    (tmp_path / "large.zip").write_bytes(packed(members))

    for name in ("small.zip", "large.zip"):
        run = subprocess.run(["unzip", "-t", tmp_path / name], capture_output=True, check=False)
        assert run.returncode == 0, run.stdout
