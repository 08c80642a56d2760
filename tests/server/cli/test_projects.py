"""`phieu projects encrypt`, as an operator types it."""

from __future__ import annotations

import hashlib
from xml.etree import ElementTree

import pytest

from server.actions.publishing import publish_form
from server.auth.keys import unwrap_private_key, wrap_private_key
from server.cli.common import operator, storage
from server.db import transaction
from server.errors import WrongPassphrase
from server.queries import forms, keys
from server.queries.projects import get_project
from tests.helpers.encrypting import make_key, public_base64
from tests.helpers.slips import HOUSES, house, with_setting, workbook, write_workbook

PASSPHRASE = "Cụm mật khẩu dài"
XFORMS = "{http://www.w3.org/2002/xforms}"


def encrypt(installation, *arguments, passphrase: str = PASSPHRASE, status: int = 0) -> str:
    return installation.run(
        "projects", "encrypt", "--passphrase-stdin", *arguments,
        input=passphrase + "\n", status=status,
    )  # fmt: skip


def public_key(xform: bytes) -> str | None:
    found = next(ElementTree.fromstring(xform).iter(f"{XFORMS}submission"), None)
    return None if found is None else found.get("base64RsaPublicKey")


def test_every_form_is_published_again_with_the_key_and_its_files(offered, installation, tmp_path):
    before = installation.run_json("forms", "show", "child_situation")

    said = encrypt(installation, "--hint", "mèo")

    assert "6 forms were published again" in said
    after = installation.run_json("forms", "show", "child_situation")
    assert after["version"].startswith(f"{before['version']}[encrypted:")
    assert after["versions"] == [after["version"], before["version"]]
    assert after["attachments"] == before["attachments"] != []
    assert after["fields"] == before["fields"]


def test_phones_are_offered_bytes_that_have_the_listed_hash_and_version(
    app, submit, collect, installation
):
    with app.app_context():
        before = app.test_client().get(f"{collect}/formList").text
    encrypt(installation)
    with app.app_context():
        client = app.test_client()
        listed = ElementTree.fromstring(client.get(f"{collect}/formList").text)
        tag = "{http://openrosa.org/xforms/xformsList}"
        [entry] = [x for x in listed if x.findtext(f"{tag}formID") == "houses"]
        xform = client.get(entry.findtext(f"{tag}downloadUrl").partition("localhost")[2]).data

    assert entry.findtext(f"{tag}hash") == f"md5:{hashlib.md5(xform).hexdigest()}"
    assert entry.findtext(f"{tag}hash") not in before
    version = entry.findtext(f"{tag}version")
    assert f'version="{version}"'.encode() in xform
    assert public_key(xform) == keys.find_project_key(1).public
    assert submit(house("uuid:old", version="1")).status_code == 201
    assert submit(house("uuid:new", version=version)).status_code == 201


def test_what_is_published_later_gets_the_key_once(installation, tmp_path):
    encrypt(installation)

    first = installation.run_json("forms", "publish", write_workbook(tmp_path))
    again = installation.run_json("forms", "publish", tmp_path / "form.xlsx")

    assert first["version"].startswith("1[encrypted:")
    assert (first["published"], again["published"]) == (True, False)
    assert again["version"] == first["version"]


def test_a_form_with_its_own_key_is_left_as_it_is(installation, tmp_path):
    own = with_setting(HOUSES, "public_key", public_base64(make_key()))
    installation.run("forms", "publish", write_workbook(tmp_path, own))

    encrypt(installation)

    shown = installation.run_json("forms", "show", "houses")
    again = installation.run_json("forms", "publish", tmp_path / "form.xlsx")
    assert shown["versions"] == ["1"]
    assert (again["version"], again["published"]) == ("1", False)


def test_a_second_time_a_short_passphrase_and_a_bad_key_are_refused(installation, tmp_path):
    bad = write_workbook(tmp_path, with_setting(HOUSES, "public_key", "MIIB"))

    assert "10 characters" in encrypt(installation, passphrase="short", status=1)
    encrypt(installation)
    assert "encrypted already" in encrypt(installation, status=1)
    refused = installation.run("forms", "publish", bad, status=1)
    assert "settings!E2" in refused
    assert "cannot be read" in refused


def test_the_private_key_is_kept_only_as_the_passphrase_wraps_it(installation, app):
    encrypt(installation, "--hint", "mèo")
    key = keys.find_project_key(1)

    assert (key.managed, key.hint) == (True, "mèo")
    private = unwrap_private_key(key.private, key.public, PASSPHRASE)
    assert public_base64(private) == key.public
    with pytest.raises(WrongPassphrase):
        unwrap_private_key(key.private, key.public, PASSPHRASE + ".", hint=key.hint)
    assert b"PRIVATE KEY" not in key.private.encode()


def test_a_wrapped_key_belongs_to_its_public_half():
    key, other = make_key(), make_key()
    wrapped = wrap_private_key(key, public_base64(key), PASSPHRASE)

    with pytest.raises(WrongPassphrase):
        unwrap_private_key(wrapped, public_base64(other), PASSPHRASE)


def test_an_owners_key_is_known_without_its_private_half(app):
    source = workbook(with_setting(HOUSES, "public_key", public_base64(make_key())))
    for _ in range(2):
        with transaction():
            published = publish_form(
                source,
                filename="form.xlsx",
                media={},
                project=get_project(),
                storage=storage(),
                by=operator(),
            )

    assert forms.get_version_with_bytes(published.version.id).has_public_key
    assert keys.list_keys()[0].private is None
    assert not keys.list_keys()[0].managed
