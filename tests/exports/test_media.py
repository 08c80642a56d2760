"""Attachments as who unpacks the ZIP finds them."""

from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.formulas import restore_text
from exports.media import Attachment, Packed, write_attachments
from exports.names import file_name

PHOTO = bytes(range(256)) * 40


@pytest.fixture
def photo(tmp_path) -> Path:
    path = tmp_path / "7"
    path.write_bytes(PHOTO)
    return path


def write(attachments) -> tuple[Packed, zipfile.ZipFile]:
    out = io.BytesIO()
    packed = write_attachments(attachments, out)
    archive = zipfile.ZipFile(out)
    assert archive.testzip() is None
    return packed, archive


def missing(archive: zipfile.ZipFile) -> list[list[str]]:
    text = archive.read("_missing.csv").decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(text, newline=""))
    assert heading == ["submission", "file"]
    return rows


def test_every_submission_has_a_folder_with_its_files(photo):
    packed, archive = write(
        [
            Attachment("uuid:1", "ảnh nhà.jpg", photo),
            Attachment("uuid:1", "ghi-am.m4a", photo),
            Attachment("uuid:2", "ảnh nhà.jpg", photo),
        ]
    )

    assert packed == Packed(3, 0)
    assert archive.namelist() == [
        "uuid_1/ảnh nhà.jpg", "uuid_1/ghi-am.m4a", "uuid_2/ảnh nhà.jpg", "_missing.csv"
    ]  # fmt: skip
    assert archive.read("uuid_2/ảnh nhà.jpg") == PHOTO
    assert missing(archive) == []


def test_what_has_not_come_and_what_is_lost_is_listed(photo, tmp_path):
    packed, archive = write(
        [
            Attachment("uuid:1", "a.jpg", None),
            Attachment("uuid:1", "b.jpg", photo),
            Attachment("=cmd", "-x.jpg", tmp_path / "gone"),
        ]
    )

    assert packed == Packed(1, 2)
    assert archive.namelist() == ["uuid_1/b.jpg", "_missing.csv"]
    assert missing(archive) == [["uuid:1", "a.jpg"], ["'=cmd", "'-x.jpg"]]


def test_names_are_legal_everywhere_and_differ_whatever_the_case(photo):
    names = ["a.jpg", "A.JPG", "a~2.jpg", "con.txt", "../../x", "a/b", "a\\b"]
    attachments = [Attachment("k", name, photo) for name in names]
    more = [Attachment(s, "x", photo) for s in ("K", "_missing.csv", "_MISSING.CSV", "..")]

    _, archive = write([*attachments, *more])

    assert archive.namelist() == [
        "k/a.jpg", "k/A~2.JPG", "k/a~2~2.jpg", "k/_con.txt", "k/_.._x", "k/a_b", "k/a_b~2",
        "K~2/x", "_missing~2.csv/x", "_MISSING~3.CSV/x", "_/x", "_missing.csv",
    ]  # fmt: skip


def test_a_file_keeps_its_name_when_another_arrives(photo):
    def names(first: Path | None) -> list[str]:
        return write([Attachment("k", "a.jpg", first), Attachment("k", "A.jpg", photo)])[
            1
        ].namelist()

    assert "k/A~2.jpg" in names(None)
    assert "k/A~2.jpg" in names(photo)


def test_only_what_gains_by_it_is_packed(tmp_path):
    path = tmp_path / "1"
    path.write_bytes(b"0123456789" * 10_000)

    _, archive = write([Attachment("k", name, path) for name in ("a.JPG", "a.mp4", "a.csv", "a")])

    sizes = {info.filename: info.compress_size for info in archive.infolist()}
    assert sizes["k/a.JPG"] == sizes["k/a.mp4"] > 100_000
    assert sizes["k/a.csv"] == sizes["k/a"] < 10_000


def test_no_attachments_are_an_archive_that_says_so():
    packed, archive = write([])

    assert packed == Packed(0, 0)
    assert missing(archive) == []


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(TEXTS, st.lists(st.tuples(TEXTS, st.booleans()), max_size=4), max_size=4))
def test_every_attachment_is_in_the_archive_or_in_the_list(by_submission):
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "x"
        stored.write_bytes(PHOTO)
        attachments = [
            Attachment(submission, name, stored if is_there else None)
            for submission, own in by_submission.items()
            for name, is_there in own
        ]
        packed, archive = write(attachments)

    names = archive.namelist()
    assert len({name.casefold() for name in names}) == len(names) == packed.files + 1
    assert all(file_name(part) == part for name in names for part in name.split("/"))
    expected = [[a.submission, a.name] for a in attachments if a.file is None]
    assert [[restore_text(cell) for cell in row] for row in missing(archive)] == expected


def test_the_same_attachments_twice_are_the_same_bytes(photo):
    attachments = [Attachment("k", "a.jpg", photo), Attachment("k", "b.csv", photo)]
    first, second = io.BytesIO(), io.BytesIO()
    write_attachments(attachments, first)
    write_attachments(iter(attachments), second)

    assert first.getvalue() == second.getvalue()


def test_a_file_is_never_in_memory_as_a_whole(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    try:
        with (tmp_path / "out.zip").open("wb") as out:
            write_attachments([Attachment("k", name, path) for name in ("a.mp4", "a.wav")], out)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 << 20
