"""`phieu exports write --format attachments`: the files of what is in scope, in one ZIP."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from pathlib import Path

import pytest

from server.db import db, transaction, utc_now
from server.models import ReviewState, Submission, SubmissionAttachment
from server.queries.submission_attachments import list_current_files
from tests.helpers.encrypting import encrypt, make_key, private_pem, public_base64
from tests.helpers.slips import HOUSES, house, with_setting, write_workbook
from tests.helpers.sql import list_audits

sqlite_only = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def write(installation, tmp_path):
    """The members of the ZIP that those options give."""

    def run(*options: str) -> dict[str, bytes]:
        out = tmp_path / "out.ZIP"
        installation.run(
            "exports", "write", "houses", "--format", "attachments", "--out", out, *options
        )
        assert out.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(out) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}

    return run


@pytest.fixture
def houses(submit):
    """Two communes; a photo that has not come; a second file of a name."""
    for name, commune, photo in [("a", "12472", "a.jpg"), ("b", "13225", "gi?y.pdf")]:
        children = (("Bình", "1", photo), ("An", "2", "late.jpg"))
        xml = house(f"uuid:{name}", commune=commune, children=children)
        assert submit(xml, (photo, name.encode())).status_code == 201
    submit(house("uuid:c", commune="12472", children=()))


def missing(found: dict[str, bytes]) -> list[list[str]]:
    text = found["_missing.csv"].decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text, newline=""))][1:]


@pytest.mark.parametrize("installation", ["sqlite", "postgresql", "store"], indirect=True)
def test_each_submission_has_a_folder_and_what_is_missing_is_listed(houses, write, app):
    found = write()

    assert {name: content for name, content in found.items() if name[0] != "_"} == {
        "uuid_a/a.jpg": b"a",
        "uuid_b/gi_y.pdf": b"b",
    }
    assert missing(found) == [["uuid:a", "late.jpg"], ["uuid:b", "late.jpg"]]
    assert write() == found
    [audit, _] = list_audits("form.submission.export")
    assert (audit.details["format"], audit.details["submissions"]) == ("attachments", 3)


def test_folders_by_commune_and_the_same_choices_as_other_formats(houses, write, app):
    by_commune = write("--by", "commune")

    assert [*by_commune] == [
        "12472-xa-quynh-phu/uuid_a/a.jpg",
        "13225-phuong-thai-binh/uuid_b/gi_y.pdf",
        "_missing.csv",
    ]
    assert [*write("--unit", "12472")] == ["uuid_a/a.jpg", "_missing.csv"]
    assert [*write("--to", "2020-01-01")] == ["_missing.csv"]
    with transaction():
        query = db.select(Submission).where(Submission.instance_id == "uuid:b")
        db.session.scalars(query).one().review_state = ReviewState.APPROVED
    assert [*write("--review", "approved")] == ["uuid_b/gi_y.pdf", "_missing.csv"]


@sqlite_only
def test_what_was_erased_and_what_the_storage_lost_is_not_there(houses, write, app, installation):
    with transaction():
        files = db.session.scalars(db.select(SubmissionAttachment)).all()
        [a] = [file for file in files if file.name == "a.jpg"]
        [b] = [file for file in files if file.name == "gi?y.pdf"]
        a.name, a.sha256, a.storage_key, a.erased_at = f"erased-{a.id}", "", None, utc_now()
        [lost] = [p for p in installation.data.rglob("*") if p.name.endswith(b.sha256)]
        lost.unlink()

    found = write()

    assert [*found] == ["_missing.csv"]
    assert ["uuid:b", "gi?y.pdf"] in missing(found)
    assert "erased" not in str(missing(found))


@sqlite_only
def test_encrypted_files_stay_so_unless_a_key_is_given(submit, installation, tmp_path, write):
    key = make_key()
    markdown = with_setting(
        HOUSES.replace("| 1       |", "| 2       |"), "public_key", public_base64(key)
    )
    installation.run("forms", "publish", write_workbook(tmp_path, markdown, "keyed.xlsx"))
    photo = os.urandom(200_000)
    children = (("Bình", "1", "a.jpg"), ("An", "2", "b.jpg"))
    xml = house("uuid:1", children=children, version="2")
    sent = encrypt(xml, public_base64(key), [("a.jpg", photo), ("b.jpg", b"b")])
    sent = sent.without("b.jpg.enc")
    assert submit(sent.manifest, *sent.files).status_code == 201
    (tmp_path / "key.pem").write_bytes(private_pem(key))

    closed, opened = write(), write("--key", str(tmp_path / "key.pem"))

    assert {name.removeprefix("uuid_1/"): data for name, data in closed.items() if "/" in name} == (
        dict(sent.files)
    )
    assert missing(closed) == [["uuid:1", "b.jpg.enc"]]
    assert [*opened] == ["uuid_1/a.jpg", "_missing.csv"]
    assert opened["uuid_1/a.jpg"] == photo
    assert missing(opened) == [["uuid:1", "b.jpg"]]


@sqlite_only
@pytest.mark.parametrize("name", ["folder", "file.csv", "x.xlsx"])
def test_anything_but_a_zip_is_refused(installation, offered, tmp_path: Path, name):
    said = installation.run(
        *("exports", "write", "houses", "--format", "attachments", "--out", tmp_path / name),
        status=2,
    )

    assert ".zip" in said
    assert not (tmp_path / name).exists()


def test_files_are_read_of_many_versions_at_once(houses, app):
    ids = [*range(-2_000, 0), *db.session.scalars(db.select(Submission.id))]

    found = list_current_files(ids)

    names = sorted(file.name for files in found.values() for file in files)
    assert names == ["a.jpg", "gi?y.pdf", "late.jpg", "late.jpg"]
