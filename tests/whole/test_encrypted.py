"""Encrypted forms from end to end: what an independent script encrypts is exported as it was."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from exports.formulas import restore_text
from server.actions.decrypting import Unlocking
from server.actions.exporting.orders import ExportOrder
from server.actions.exporting.writing import Installed, write_export
from server.cli.common import operator, storage
from server.db import snapshot
from server.queries.exports import ExportScope
from server.queries.forms import get_form
from tests.helpers.encrypting import (
    AGGREGATE,
    COLLECT,
    Sent,
    encrypt,
    make_key,
    private_pem,
    public_base64,
)
from tests.helpers.phones import Phone
from tests.helpers.slips import HOUSES, house, with_setting, write_workbook
from tests.helpers.tables import expected_rows

PASSPHRASE = "Cụm mật khẩu dài"
KEY = make_key()
PUBLIC = public_base64(KEY)
CHILDREN = (("Bình", "1", "a.jpg"), ("=1+1", "2", ""), ("Cúc", "2", "ảnh 2.jpg"))
MEDIA = [("a.jpg", b"\xff\xd8" * 40_000), ("ảnh 2.jpg", b"x")]
ANSWERS = {"day", "commune", "head", "g-size", "g-needs", "name", "sex", "paper"}


def encrypt_project(installation) -> None:
    installation.run("projects", "encrypt", "--passphrase-stdin", input=PASSPHRASE + "\n")


def download(phone: Phone) -> tuple[str, str]:
    """The version and the public key of `houses`, as a phone finds them in the form."""
    listed = phone.get("/formList?formID=houses").text
    xform = phone.get(re.search(r"<downloadUrl>(.*?houses.*?)</downloadUrl>", listed)[1]).text
    version = re.search(r'<data [^>]*version="([^"]*)"', xform)[1]
    return version, re.search(r'base64RsaPublicKey="([^"]*)"', xform)[1]


def read_csv(folder: Path, name: str) -> list[dict[str, str]]:
    text = (folder / name).read_bytes().decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{k: restore_text(v) for k, v in row.items()} for row in rows]


def cells(rows) -> list[dict[str, str]]:
    """The answers and keys of each row; empty cells are left out."""
    wanted = ANSWERS | {"KEY", "PARENT_KEY"} | {f"g-gps-{p}" for p in ("Latitude", "Longitude")}
    return sorted(
        ({k: v for k, v in row.items() if v and k in wanted} for row in rows),
        key=lambda row: row["KEY"],
    )


def test_what_is_encrypted_on_the_phone_is_exported_as_it_was_filled(offered, server, tmp_path):
    encrypt_project(server.installation)
    with Phone(server.collect) as phone:
        version, public = download(phone)
        filled = [
            house(f"uuid:{i}", head=head, children=CHILDREN[: i + 1], version=version)
            for i, head in enumerate(("Nguyễn Văn An", "-5", "dòng 1\ndòng 2 😀"))
        ]
        sent = [
            encrypt(filled[0], public, MEDIA[:1], namespace=COLLECT),
            encrypt(filled[1], public, MEDIA[:1], namespace=AGGREGATE),
            encrypt(filled[2], public, MEDIA, namespace=COLLECT),
        ]
        answers = [phone.submit(s.manifest, s.files) for s in sent[:2]]
        answers.append(phone.submit(sent[2].manifest, sent[2].files[:1], is_incomplete=True))
        answers.append(phone.submit(sent[2].manifest, sent[2].files[1:]))
        plain = house("uuid:plain", version="1")
        answers.append(phone.submit(plain))

    written = server.installation.run_json(
        "exports", "write", "houses", "--out", tmp_path / "out", "--passphrase-stdin",
        input=PASSPHRASE + "\n",
    )  # fmt: skip

    assert [a.status for a in answers] == [201] * 5
    assert (written["submissions"], written["decrypted"], written["statuses"]) == (4, 3, {})
    pairs = [expected_rows(xml, repeats={"child"}) for xml in (*filled, plain)]
    roots = read_csv(tmp_path / "out", "houses.csv")
    assert cells(roots) == cells([root for root, _ in pairs])
    assert cells(read_csv(tmp_path / "out", "houses-child.csv")) == cells(
        [row for _, rows in pairs for row in rows]
    )
    assert {row["KEY"]: row["AttachmentsPresent"] for row in roots}["uuid:2"] == "3"


@pytest.fixture
def keyed(installation, submit, tmp_path):
    """Publish version 2 of `houses` with its owner's key; send encrypted slips by name."""
    markdown = with_setting(HOUSES.replace("| 1       |", "| 2       |"), "public_key", PUBLIC)
    installation.run("forms", "publish", write_workbook(tmp_path, markdown, "keyed.xlsx"))

    def send(name: str, change=lambda sent: sent, **options) -> None:
        xml = house(f"uuid:{name}", head=f"Chủ {name}", children=CHILDREN, version="2")
        sent = change(encrypt(xml, PUBLIC, MEDIA, **options))
        assert submit(sent.manifest, *sent.files).status_code == 201

    return send


sqlite_only = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def key_file(folder: Path, content: bytes) -> Path:
    path = folder / "key.pem"
    path.write_bytes(content)
    return path


@sqlite_only
@pytest.mark.parametrize("passphrase", [None, "Mật khẩu của tệp"])
def test_the_owners_key_file_opens_them_locked_or_not(installation, keyed, tmp_path, passphrase):
    keyed("own")
    key = key_file(tmp_path, private_pem(KEY, passphrase))
    options = ["--passphrase-stdin"] if passphrase else []

    installation.run(
        "exports", "write", "houses", "--format", "xlsx", "--by", "commune", "--key", key,
        "--out", tmp_path / "out", *options, input=f"{passphrase}\n",
    )  # fmt: skip

    [path] = (tmp_path / "out").glob("*.xlsx")
    header, row = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("houses").to_python()
    assert dict(zip(header, row, strict=True))["head"] == "Chủ own"


@sqlite_only
def test_without_a_key_they_are_rows_without_answers_and_are_counted(
    installation, keyed, submit, tmp_path
):
    keyed("closed")
    submit(house("uuid:plain"))
    command = ["exports", "write", "houses", "--out", tmp_path / "out"]

    said = installation.run_json(*command)

    assert said["statuses"] == {"not decrypted": 1}
    plain, closed = cells(read_csv(tmp_path / "out", "houses.csv"))[::-1]
    assert closed == {"KEY": "uuid:closed"}
    assert plain["head"] == "Nguyễn Văn An"
    [row] = [r for r in read_csv(tmp_path / "out", "houses.csv") if r["KEY"] == "uuid:closed"]
    filled = {name for name, value in row.items() if value}
    assert filled == {
        "SubmissionDate", "KEY", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected",
        "Status", "ReviewState", "DeviceID", "FormVersion",
    }  # fmt: skip
    assert len(read_csv(tmp_path / "out", "houses-child.csv")) == 1


@sqlite_only
@pytest.mark.parametrize(
    ("pem", "passphrase", "words"),
    [
        (private_pem(make_key()), None, "key.pem is not the private key"),
        (b"not a key", None, "key.pem is not the private key"),
        (private_pem(KEY, "Mật khẩu của tệp"), "wrong", "The passphrase does not open"),
        (private_pem(KEY, "Mật khẩu của tệp"), None, "The passphrase does not open"),
        (private_pem(KEY), PASSPHRASE + ".", "Hint: mèo"),
        (None, "", "Hint: mèo"),
    ],
)
def test_a_wrong_key_or_passphrase_is_one_error_and_nothing_is_written(
    installation, keyed, tmp_path, pem, passphrase, words
):
    keyed("closed")
    installation.run(
        "projects", "encrypt", "--passphrase-stdin", "--hint", "mèo", input=PASSPHRASE + "\n"
    )
    options = ["--key", key_file(tmp_path, pem)] if pem else []
    options += ["--passphrase-stdin"] if passphrase is not None else []
    before = set(tmp_path.iterdir())

    said = installation.run(
        "exports", "write", "houses", "--out", tmp_path / "out.zip", *options,
        input=f"{passphrase}\n", status=1,
    )  # fmt: skip

    [line] = [line for line in said.splitlines() if line and not line.startswith("houses")]
    assert words in line
    assert set(tmp_path.iterdir()) == before


@sqlite_only
def test_a_passphrase_for_a_project_without_a_key_is_refused(installation, keyed, tmp_path):
    command = ["exports", "write", "houses", "--out", tmp_path / "out", "--passphrase-stdin"]

    assert "There is no key" in installation.run(*command, input="x\n", status=1)


@sqlite_only
def test_what_is_damaged_stays_a_row_and_says_what_is_wrong(installation, keyed, tmp_path):
    keyed("good")
    keyed("unsigned", signed=False)
    keyed("no-media", lambda s: s.without("a.jpg.enc"))
    keyed("no-xml", lambda s: s.without("submission.xml.enc"))
    keyed("cut", lambda s: s.changed("submission.xml.enc", lambda d: d[:-1]))
    keyed("bad-media", lambda s: s.changed("a.jpg.enc", lambda d: d[:500] + b"?" + d[501:]))
    keyed("bad-key", lambda s: replaced(s, b"<base64EncryptedKey>", b"AAAA"))
    keyed("bad-signature", lambda s: replaced(s, b"<base64EncryptedElementSignature>", b"AAAA"))

    written = installation.run_json(
        "exports", "write", "houses", "--out", tmp_path / "out",
        "--key", key_file(tmp_path, private_pem(KEY)),
    )  # fmt: skip

    rows = {row["KEY"].partition(":")[2]: row for row in read_csv(tmp_path / "out", "houses.csv")}
    assert {name: row["Status"] for name, row in rows.items()} == {
        "good": "",
        "unsigned": "no signature",
        "no-media": "signature not checked: files are missing",
        "no-xml": "missing encrypted form data",
        "cut": "damaged encrypted form data",
        "bad-media": "invalid signature",
        "bad-key": "damaged encrypted form data",
        "bad-signature": "invalid signature",
    }
    closed = {"no-xml", "cut", "bad-key"}
    for name, row in rows.items():
        assert row["head"] == ("" if name in closed else f"Chủ {name}")
    assert written["decrypted"] == 5
    assert written["statuses"] == {
        "no signature": 1,
        "signature not checked: files are missing": 1,
        "missing encrypted form data": 1,
        "damaged encrypted form data": 2,
        "invalid signature": 2,
    }


def replaced(sent: Sent, tag: bytes, text: bytes) -> Sent:
    """The manifest with another text after a tag."""
    before, _, after = sent.manifest.partition(tag)
    return Sent(before + tag + text + after[after.index(b"<") :], sent.files)


_opened: list[str] | None = None


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    """Python's audit events cannot be switched off again: this one listens only when asked."""
    if _opened is not None and event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            _opened.append(str(path))


sys.addaudithook(_listen)


@contextmanager
def files_written() -> Iterator[list[str]]:
    global _opened  # noqa: PLW0603 - see above
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


@sqlite_only
@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_nothing_in_clear_is_written_but_the_export_itself(app, keyed, tmp_path, format_):
    keyed("secret")
    out = tmp_path / "exports" / "out.zip"
    form = get_form(1, "houses")
    order = ExportOrder(
        format=format_,
        out=out,
        scope=ExportScope(project_id=1, form_id=form.id),
        unlocking=Unlocking(key_files=(("key.pem", private_pem(KEY)),)),
    )

    with files_written() as paths, snapshot():
        at = Installed.of(storage(), "secret", ZoneInfo("UTC"))
        written = write_export(order, get_form(1, "houses"), at=at, by=operator())

    assert written.decrypted == 1
    assert paths
    assert {path for path in paths if not path.startswith(str(out.parent))} == set()
    assert list(out.parent.iterdir()) == [out]
    assert "BEGIN" not in repr(order)
