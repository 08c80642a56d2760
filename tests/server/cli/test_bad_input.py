"""Bad input at a shell: status 2 where the command is misused, 1 where it refuses; one sentence."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from server.app import main
from tests.helpers.installations import Installation
from tests.helpers.slips import HOUSES, write_workbook

EXPORT = ("exports", "write", "child_situation")
SHEET = ("--format", "xlsx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files as people have them: a workbook, one with a mistake, and what is no workbook."""
    write_workbook(tmp_path, HOUSES)
    write_workbook(tmp_path, HOUSES.replace("integer", "inteeger"), "faulty.xlsx")
    listed = HOUSES.replace("select_one sex ", "select_one_from_file villages.csv ")
    write_workbook(tmp_path, listed, "listed.xlsx")
    (tmp_path / "junk.xlsx").write_bytes(b"PK\x03\x04 junk")
    (tmp_path / "note.txt").write_text("note")
    (tmp_path / "note").write_text("note")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "folder.zip").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--colour"], "No such option '--colour'"),
        (["forms", "paint"], "No such command 'paint'"),
        (["forms", "publish", "form.xlsx", "--colour", "red"], "No such option '--colour'"),
        (["forms", "publish"], "Missing argument 'FILE'"),
        (["forms", "publish", "none.xlsx"], "'none.xlsx' does not exist"),
        (["forms", "publish", "folder.xlsx"], "'folder.xlsx' is a directory"),
        (["forms", "publish", "form.xlsx", "--media", "none"], "'none' does not exist"),
        (["forms", "list", "--project", "first"], "'first' is not a valid integer range"),
        (["forms", "list", "--project", "99999999999999"], "is not in the range"),
        (["app-users", "revoke", "99999999999999"], "is not in the range"),
        (
            ["app-users", "add", "Hoa", "--qr", "hoa.gif"],
            "hoa.gif: tên tệp phải có đuôi .png, .svg.",
        ),
        (
            ["app-users", "qr", "3", "--out", "hoa"],
            "hoa: tên tệp phải có đuôi .png, .svg.",
        ),
        (
            ["app-users", "cards", "--out", "cards.pdf"],
            "cards.pdf: tên tệp phải có đuôi .html",
        ),
        (["submissions", "show"], "Missing argument 'INSTANCE_ID'"),
        (["app-users", "add"], "Missing argument 'NAME'"),
        (["app-users", "revoke", "Hoa"], "'Hoa' is not a valid integer range"),
        (["users", "add", "a@b.vn"], "Missing option '--role'"),
        (["serve", "--port", "99999"], "99999 is not in the range"),
        (["serve", "--workers", "0"], "0 is not in the range"),
        (["demo", "--submissions", "-1"], "-1 is not in the range"),
        (["work", "--twice"], "No such option '--twice'"),
        (["doctor", "well"], "unexpected extra argument (well)"),
        ([*EXPORT], "Missing option '--out'"),
        ([*EXPORT, "--out", "x.zip", "--by", "district"], "'district' is not one of"),
        ([*EXPORT, "--out", "x", "--edition", "lately"], "Give as-reported, current or a day"),
        ([*EXPORT, "--out", "x.zip", "--values", "words"], "'words' is not one of"),
        ([*EXPORT, "--out", "x.zip", "--from", "2026-13-01"], "'2026-13-01' does not match"),
        ([*EXPORT, "--out", "x.zip", "--review", "nice"], "'nice' is not one of"),
    ],
)
def test_misuse_has_status_2_and_says_what_is_expected(
    folder, monkeypatch, capsys, arguments, words
):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PHIEU_DATA", str(folder / "data"))
    monkeypatch.setattr("sys.argv", ["phieu", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert words in capsys.readouterr().err.splitlines()[-1]
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["submissions", "show", b"\xff"], "not text in UTF-8"),
        ([*EXPORT, "--out", "note"], "note is a file"),
        ([*EXPORT, "--out", "folder.zip"], "folder.zip is a folder"),
        ([*EXPORT, "--out", ""], "Give a .zip or a folder"),
        ([*EXPORT, "--out", "."], "a folder inside this one"),
        ([*EXPORT, "--out", "x.csv"], "Give a .zip or a folder, not a .csv"),
        ([*EXPORT, "--out", "x.XLSX"], "Give a .zip or a folder, not a .xlsx"),
        ([*EXPORT, *SHEET, "--by", "commune", "--out", "x.xlsx"], "not a .xlsx"),
        ([*EXPORT, "--out", "x", "--from", "2026-02-02", "--to", "2026-02-01"], "before --from"),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_only_the_installation_can_tell_is_misuse_too(installation, folder, arguments, words):
    said = run(installation, arguments, status=2, cwd=folder)

    assert words in said[-1]
    assert "Traceback" not in said[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["forms", "publish", "junk.xlsx"], "not an XLSX workbook"),
        (["forms", "publish", "note.txt"], "a workbook (.xlsx) or an XForm (.xml)"),
        (["forms", "publish", "faulty.xlsx"], "survey!A6: Unknown question type 'inteeger'"),
        (["forms", "publish", "listed.xlsx"], "files, which are not there: villages.csv"),
        (["forms", "list", "--project", "99"], "leave out --project"),
        ([*EXPORT, "--out", "x", "--labels", "fr"], 'no labels in "fr". Choose one of: vi, en'),
        ([*EXPORT, "--out", "x", "--column", "nothing"], "has no column nothing"),
        ([*EXPORT, "--out", "x", "--edition", "1900-01-01"], "was in force on 1900-01-01"),
        ([*EXPORT, "--out", "x", "--unit", "99999"], "There is no unit 99999"),
        (["entities", "export", "child", "--out", "none/a.csv"], "none/a.csv: No such file"),
        (["users", "add", "Hoa", "--role", "viewer"], '"Hoa" cannot be used for email'),
        (["users", "add", "admin@phieu.local", "--role", "admin"], "exists already"),
        (["users", "add", "a" * 400 + "@b.vn", "--role", "viewer"], "longer than 255"),
        (["users", "add", "ADMIN@phieu.local", "--role", "viewer"], "exists already"),
        (["users", "add", "a@b.vn", "--role", "app-user"], "admin, manager, viewer, formfill"),
        (["users", "add", "a@b.vn", "--role", "App User"], "admin, manager, viewer, formfill"),
        (["app-users", "cards", "--id", "999", "--out", "cards.html"], "Nobody has said"),
        (["projects", "encrypt", "--passphrase-stdin", "--hint", "h" * 256], "longer than 255"),
        (["users", "add", "a" * 300 + "@b.vn", "--role", "viewer"], "longer than 255"),
        (["users", "add", "a@b.vn", "--role", "viewer", "--password-stdin"], "10 characters"),
        (["app-users", "add", "  "], "name is missing"),
        (["app-users", "add", "n" * 256], "longer than 255"),
        (["serve", "--host", "203.0.113.1"], "203.0.113.1:8000: "),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_refusal_has_status_1_and_is_one_sentence(installation, folder, arguments, words):
    said = run(installation, arguments, status=1, cwd=folder, input="")

    assert len(said) == 1
    assert words in said[0]


def run(installation: Installation, arguments, *, status: int, **options) -> list[str]:
    """The lines that a command printed."""
    names = [os.fsdecode(argument) for argument in arguments]
    return installation.run(*names, status=status, **options).strip().splitlines()


@pytest.mark.parametrize("arguments", [["users", "list"], ["work", "--once"]])
def test_a_database_that_is_gone_is_one_sentence_and_nothing_is_lost(breakable, arguments):
    with breakable.outage():
        said = run(breakable.installation, arguments, status=1)

    assert said == [
        "The database is not ready or is locked. Check PHIEU_DATABASE_URL and try again."
    ]
    assert breakable.installation.run_json("users", "list")


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_locked_database_is_one_sentence(installation):
    with closing(sqlite3.connect(installation.data / "phieu.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        said = run(installation, ["app-users", "add", "Hoa"], status=1)
        other.rollback()

    assert said == [
        "The database is not ready or is locked. Check PHIEU_DATABASE_URL and try again."
    ]
    assert [a["displayName"] for a in installation.run_json("app-users", "list")] != ["Hoa"]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_export_that_cannot_be_put_there_names_the_place(installation, folder):
    said = run(installation, [*EXPORT, "--out", "note.txt/x.zip"], status=1, cwd=folder)

    assert said[-1] == "note.txt: File exists."


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_output_that_finds_no_room_is_one_sentence(installation):
    with Path("/dev/full").open("wb") as full:
        done = run_into(full, installation, "forms", "list")

    assert done.returncode == 1
    assert done.stderr == "The disk is full. Make room and try again.\n"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_output_that_nobody_reads_on_ends_in_silence(installation):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as unread:
        done = run_into(unread, installation, "forms", "show", "child_situation")

    assert done.returncode == 1
    assert done.stderr == ""


def run_into(output, installation: Installation, *arguments: str):
    return subprocess.run(
        [sys.executable, "-m", "server.app", *arguments],
        env=os.environ | installation.environ,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
