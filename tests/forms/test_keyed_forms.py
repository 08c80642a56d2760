"""Forms with a public key: their own, or one that is written into them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from forms.errors import KeyRefused, WorkbookRefused
from forms.keyed_forms import with_public_key
from forms.keys import public_text, read_private_key
from forms.workbooks import compile_workbook
from forms.xforms import parse_xform
from tests.helpers.encrypting import make_key, private_pem, public_base64
from tests.helpers.slips import HOUSES, with_setting

KEY = make_key()
PUBLIC = public_base64(KEY)


def compile_form(markdown: str = HOUSES):
    return compile_workbook(markdown.encode(), file_type=".md")


def test_a_form_with_its_own_key_keeps_its_bytes_and_version():
    form = compile_form(with_setting(HOUSES, "public_key", PUBLIC))

    assert form.public_key == PUBLIC
    assert with_public_key(form, public_base64(make_key())) is form


def test_a_key_that_is_written_into_a_form_changes_the_version_and_nothing_else():
    form = compile_form()

    keyed = with_public_key(form, PUBLIC)

    assert keyed.public_key == PUBLIC
    assert keyed.version.startswith("1[encrypted:")
    assert parse_xform(keyed.xform).version == keyed.version
    assert keyed.root == form.root
    assert (keyed.title, keyed.languages, keyed.lists) == (form.title, form.languages, form.lists)
    assert with_public_key(form, PUBLIC).xform == keyed.xform


def test_a_form_with_a_submission_element_or_without_a_version_gets_the_key_too():
    addressed = compile_form(
        with_setting(HOUSES, "submission_url", "https://example.vn/submission")
    )
    unversioned = parse_xform(compile_form().xform.replace(b' version="1"', b""))

    assert with_public_key(addressed, PUBLIC).submission_url == "https://example.vn/submission"
    assert with_public_key(unversioned, PUBLIC).version.startswith("[encrypted:")


def test_another_key_makes_another_version():
    form, other = compile_form(), public_base64(make_key())

    assert with_public_key(form, PUBLIC).version != with_public_key(form, other).version


def test_a_version_that_the_suffix_makes_too_long_is_refused():
    form = compile_form(HOUSES.replace("| 1       |", f"| {'1' * 245} |"))

    with pytest.raises(WorkbookRefused, match="249 characters"):
        with_public_key(form, PUBLIC)


def spki(key) -> str:
    return base64.b64encode(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()


PKCS1 = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)).decode()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("MIIB", "cannot be read"),
        ("not base64!", "cannot be read"),
        (f"-----BEGIN PUBLIC KEY----- {PUBLIC} -----END PUBLIC KEY-----", "BEGIN PUBLIC KEY"),
        (spki(ec.generate_private_key(ec.SECP256R1()).public_key()), "not an RSA key"),
        (PKCS1, "not an RSA key in the form SubjectPublicKeyInfo"),
    ],
)
def test_a_key_that_phones_cannot_use_is_refused_with_its_place(key, words):
    with pytest.raises(WorkbookRefused, match=words) as refused:
        compile_form(with_setting(HOUSES, "public_key", key))

    [problem] = refused.value.problems
    assert (problem.code, problem.place) == ("public_key.illegal", "settings!E2")
    assert "hoá công khai" in problem.say("vi")
    assert "The public key" not in problem.say("vi")


def test_a_short_key_is_accepted_with_a_warning():
    form = compile_form(with_setting(HOUSES, "public_key", public_base64(make_key(1024))))

    [warning] = form.warnings
    assert (
        str(warning)
        == "settings: The public key has only 1024 bits; 2048 are usual. Make a longer key."
    )


def test_a_private_key_is_read_with_its_passphrase_or_refused():
    assert public_text(read_private_key(private_pem(KEY))) == PUBLIC
    assert public_text(read_private_key(private_pem(KEY), "not needed")) == PUBLIC
    assert public_text(read_private_key(private_pem(KEY, "Mật khẩu"), "Mật khẩu")) == PUBLIC
    for pem, passphrase in [
        (private_pem(KEY, "right"), None),
        (private_pem(KEY, "right"), "wrong"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None),
        (b"not a key", "passphrase"),
    ]:
        with pytest.raises(KeyRefused):
            read_private_key(pem, passphrase)
