"""Encrypted submissions in Central's layout: opened by passphrases that a request brings (§11)."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from server.actions.encrypting import encrypt_project
from server.cli.common import operator
from server.db import transaction
from server.queries.projects import get_project
from tests.helpers.encrypting import encrypt, make_key, public_base64
from tests.helpers.people import add_people, bearer, browser, sign_in
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import HOUSES, house, with_setting, write_workbook
from tests.helpers.sql import list_audits
from tests.helpers.visits import publish

BASE = "/v1/projects/1/forms/houses/submissions.csv"
PASSPHRASE = "một hai ba bốn năm"
CHILDREN = (("Bình", "1", "b.jpg"),)
PLAIN, OURS, OTHERS = "uuid:plain", "uuid:ours", "uuid:others"


@pytest.fixture
def scene():
    return offer_houses, add_people


@pytest.fixture
def key_id(app, submit, tmp_path) -> int:
    """The project's key; a slip from before it, one of it, and one of a key we have not."""
    submit(house(PLAIN, children=CHILDREN), ("b.jpg", b"plain"))
    with transaction():
        key, versions = encrypt_project(
            get_project(), passphrase=PASSPHRASE, hint="đếm", by=operator()
        )
        [name] = [v.version for v in versions if v.form.xml_form_id == "houses"]
        id_, public = key.id, key.public
    _send(submit, OURS, public, name, b"sealed")
    foreign = public_base64(make_key())
    markdown = with_setting(HOUSES.replace("| 1       |", "| 3       |"), "public_key", foreign)
    publish(write_workbook(tmp_path, markdown, "foreign.xlsx"))
    _send(submit, OTHERS, foreign, "3", b"foreign")
    return id_


def _send(submit, instance_id: str, public: str, version: str, photo: bytes) -> None:
    xml = house(instance_id, head=f"Chủ {instance_id}", children=CHILDREN, version=version)
    sent = encrypt(xml, public, [("b.jpg", photo)])
    assert submit(sent.manifest, *sent.files).status_code == 201


@pytest.fixture
def ask(app):
    client = browser(app)
    signed = bearer(sign_in(client))

    def send(query: str = "", *, method: str = "GET", path: str = BASE, **options):
        return client.open(
            f"{path}{query}", method=method, headers=signed, buffered=True, **options
        )

    return send


def told(answer) -> list[tuple[str, str, str]]:
    rows = csv.DictReader(io.StringIO(answer.data.decode(), newline=""))
    return [(row["KEY"], row["head"], row["Status"]) for row in rows]


def test_without_a_passphrase_all_are_there_the_encrypted_without_answers(ask, key_id):
    answer = ask()
    zipped = zipfile.ZipFile(io.BytesIO(ask(".zip").data))

    assert told(answer) == [
        (OTHERS, "", "not decrypted"), (OURS, "", "not decrypted"), (PLAIN, "Nguyễn Văn An", ""),
    ]  # fmt: skip
    assert zipped.namelist() == ["houses.csv", "houses-child.csv", "media/b.jpg"]
    assert zipped.read("media/b.jpg") == b"plain"
    rows = csv.DictReader(io.StringIO(answer.data.decode()))
    counts = [(row["AttachmentsPresent"], row["AttachmentsExpected"]) for row in rows]
    assert counts == [("2", "2"), ("2", "2"), ("1", "1")]


@pytest.mark.parametrize("way", ["query", "form", "json"])
def test_a_passphrase_opens_what_its_key_locked_and_leaves_out_the_others(ask, key_id, way):
    given = {str(key_id): PASSPHRASE}
    options = {
        "query": {"query_string": given},
        "form": {"method": "POST", "data": given},
        "json": {"method": "POST", "json": given},
    }[way]

    assert told(ask(**options)) == [(OURS, f"Chủ {OURS}", ""), (PLAIN, "Nguyễn Văn An", "")]
    zipped = zipfile.ZipFile(io.BytesIO(ask(path=f"{BASE}.zip", **options).data))
    assert zipped.read("houses-child.csv").decode().splitlines()[1].endswith(f"{OURS}/child[1]")
    media = {zipped.read(name) for name in zipped.namelist() if name.startswith("media/")}
    assert media == {b"sealed", b"plain"}
    assert list_audits("form.submission.export")[-1].details["decrypted"] is True
    assert PASSPHRASE not in str([a.details for a in list_audits("form.submission.export")])


def test_a_wrong_passphrase_is_said_and_a_key_that_is_not_there_opens_nothing(ask, key_id):
    assert ask(f"?{key_id}=falsch").get_json()["code"] == 400.12
    assert ask(f"?{key_id}=").get_json()["code"] == 400.12
    assert told(ask("?999999999=x")) == [(PLAIN, "Nguyễn Văn An", "")]
    assert len(told(ask("?99999999999999999999=x"))) == 3
    assert list_audits("form.submission.export")[0].details["decrypted"] is True


def test_each_set_of_keys_has_a_tag_of_its_own(ask, key_id):
    tags = {ask(query).headers["ETag"] for query in ("", f"?{key_id}={PASSPHRASE}", "?999=x")}

    assert len(tags) == 3
