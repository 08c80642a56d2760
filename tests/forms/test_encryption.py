"""What an independent script encrypts by the recipe, opened again; and what cannot be opened."""

from __future__ import annotations

import tracemalloc
from collections import deque
from itertools import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.encryption import Signature, decrypt_files, decrypt_instance, parse_envelope, unlock
from forms.errors import DecryptionRefused, Sealed
from forms.instances import expected_attachments, parse_instance
from tests.helpers.encrypting import AGGREGATE, COLLECT, Sent, encrypt, make_key, public_base64
from tests.helpers.slips import house

KEY, OTHER_KEY = make_key(), make_key()
PUBLIC = public_base64(KEY)
XML = house("uuid:7c0e")
PHOTO, AUDIT = ("1772619752113.jpg", b"\xff\xd8" * 5000), ("audit.csv", b"event,node\n")


def reader(sent: Sent, size: int = 100):
    """The files as pieces of `size` bytes."""
    files = dict(sent.files)

    def read(name: str):
        data = files.get(name)
        if data is None:
            return None
        return [data[at : at + size] for at in range(0, len(data), size)]

    return read


def decrypt(sent: Sent, key=KEY, size: int = 100):
    return decrypt_instance(parse_envelope(parse_instance(sent.manifest)), key, reader(sent, size))


@pytest.mark.parametrize("namespace", [COLLECT, AGGREGATE])
def test_the_instance_is_opened_in_either_namespace(namespace):
    sent = encrypt(XML, PUBLIC, [PHOTO, AUDIT], namespace=namespace)

    opened = decrypt(sent)

    assert opened.instance.instance_id == "uuid:7c0e"
    assert opened.instance.value("/head") == "Nguyễn Văn An"
    assert (opened.signature, opened.missing) == (Signature.VALID, ())


@settings(max_examples=40, deadline=None)
@given(
    media=st.lists(st.binary(max_size=100), max_size=40),
    names=st.randoms(use_true_random=False),
    instance_id=st.uuids().map(lambda u: f"uuid:{u}"),
    version=st.sampled_from(["", "1", "2026[encrypted:AZ2x]"]),
    symmetric=st.binary(min_size=32, max_size=32),
    size=st.integers(1, 50),
)
def test_every_file_comes_back_whatever_its_place_size_and_pieces(
    media, names, instance_id, version, symmetric, size
):
    files = [(f"{i}-ảnh.jpg", data) for i, data in enumerate(media)]
    names.shuffle(files)
    xml = house(instance_id, version=version).replace(b' version=""', b"")
    sent = encrypt(xml, PUBLIC, files, symmetric=symmetric)
    envelope = parse_envelope(parse_instance(sent.manifest))

    key = unlock(envelope, KEY)
    plain = {n: b"".join(p) for n, p in decrypt_files(envelope, key, reader(sent, size))}

    assert key == symmetric
    assert plain == dict([*files, ("submission.xml", xml)])
    assert decrypt(sent, size=size).signature is Signature.VALID


def test_a_missing_file_still_takes_its_turn_and_the_signature_cannot_be_checked():
    sent = encrypt(XML, PUBLIC, [PHOTO, AUDIT]).without("1772619752113.jpg.enc")
    envelope = parse_envelope(parse_instance(sent.manifest))

    opened = decrypt(sent)
    plain = {
        name: pieces and b"".join(pieces)
        for name, pieces in decrypt_files(envelope, unlock(envelope, KEY), reader(sent))
    }

    assert (opened.signature, opened.missing) == (Signature.UNCHECKED, ("1772619752113.jpg",))
    assert plain == {"1772619752113.jpg": None, "audit.csv": AUDIT[1], "submission.xml": XML}


def test_a_submission_without_signature_is_opened_and_says_so():
    assert decrypt(encrypt(XML, PUBLIC, signed=False)).signature is Signature.ABSENT


def test_a_changed_file_makes_the_signature_invalid():
    sent = encrypt(XML, PUBLIC, [AUDIT])
    other = encrypt(XML.replace(b"An<", b"Am<"), PUBLIC, [AUDIT])
    forged = sent.manifest.replace(signature(sent), signature(other))

    assert decrypt(Sent(forged, sent.files)).signature is Signature.INVALID
    assert decrypt(sent.changed("audit.csv.enc", flip_first)).signature is Signature.INVALID
    assert decrypt(sent.changed("audit.csv.enc", cut)).signature is Signature.INVALID
    assert decrypt(Sent(sent.manifest.replace(signature(sent), b"AAAA"), sent.files)).signature is (
        Signature.INVALID
    )


def signature(sent: Sent) -> bytes:
    return sent.manifest.partition(b"Signature>")[2].partition(b"<")[0]


def flip_first(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def cut(data: bytes) -> bytes:
    return data[:-1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: s.without("submission.xml.enc"), Sealed.NO_INSTANCE),
        (lambda s: s.changed("submission.xml.enc", cut), Sealed.DAMAGED),
        (lambda s: s.changed("submission.xml.enc", lambda d: b""), Sealed.DAMAGED),
        (lambda s: s.changed("submission.xml.enc", lambda d: d[:-16]), Sealed.DAMAGED),
        (lambda s: s.changed("submission.xml.enc", flip_first), Sealed.DAMAGED),
        (lambda s: Sent(s.manifest.replace(b"uuid:7c0e", b"uuid:7c0f"), s.files), Sealed.DAMAGED),
    ],
)
def test_a_damaged_instance_stays_closed_with_the_reason(change, reason):
    with pytest.raises(DecryptionRefused) as refused:
        decrypt(change(encrypt(XML, PUBLIC)))

    assert refused.value.reason is reason


def test_an_instance_of_another_form_than_the_manifest_says_stays_closed():
    sent = encrypt(XML, PUBLIC)
    other = Sent(sent.manifest.replace(b'id="houses"', b'id="other"'), sent.files)

    with pytest.raises(DecryptionRefused, match="another instance"):
        decrypt(other)


def test_another_key_opens_nothing():
    with pytest.raises(DecryptionRefused) as refused:
        decrypt(encrypt(XML, PUBLIC), OTHER_KEY)

    assert refused.value.reason is Sealed.OTHER_KEY


@pytest.mark.parametrize("name", ["base64EncryptedKey", "encryptedXmlFile"])
def test_a_manifest_that_lacks_what_opens_it_is_damaged(name):
    manifest = encrypt(XML, PUBLIC).manifest.replace(name.encode(), b"x")

    with pytest.raises(DecryptionRefused) as refused:
        parse_envelope(parse_instance(manifest))

    assert refused.value.reason is Sealed.DAMAGED


def test_the_expected_attachments_are_those_of_the_manifest():
    instance = parse_instance(encrypt(XML, PUBLIC, [PHOTO, AUDIT], namespace=AGGREGATE).manifest)

    names = expected_attachments(None, instance)

    assert names == ("1772619752113.jpg.enc", "audit.csv.enc", "submission.xml.enc")


def test_a_large_file_passes_in_constant_memory():
    envelope = parse_envelope(parse_instance(encrypt(XML, PUBLIC, [("video.mp4", b"")]).manifest))
    zeros = repeat(bytes(1 << 16), 1024)  # no ciphertext: at its end the padding is not right
    _, pieces = next(decrypt_files(envelope, unlock(envelope, KEY), lambda _: zeros))
    tracemalloc.start()

    with pytest.raises(DecryptionRefused):
        deque(pieces, maxlen=0)

    assert next(zeros, None) is None
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
