"""Encrypted forms and submissions, as ODK Collect sends and forgets them (openrosa.md §8)."""

from __future__ import annotations

import pytest

from server.actions.installation import publish_workbook
from server.cli.common import operator, storage
from server.db import transaction
from server.queries.findings import list_findings
from server.queries.projects import get_project
from server.queries.submission_attachments import list_attachments
from server.queries.submissions import get_submission, load_xml
from tests.helpers.encrypting import AGGREGATE, COLLECT, encrypt, make_key, public_base64
from tests.helpers.slips import HOUSES, house, with_setting, write_workbook
from tests.helpers.sql import count_submissions

PUBLIC = public_base64(make_key())
CHILDREN = (("Bình", "1", "a.jpg"),)


@pytest.fixture
def keyed(submit, tmp_path):
    """`submit`, with version 2 of `houses` published with a key."""
    markdown = with_setting(HOUSES.replace("| 1       |", "| 2       |"), "public_key", PUBLIC)
    with transaction():
        publish_workbook(
            write_workbook(tmp_path, markdown, "keyed.xlsx"),
            None,
            project=get_project(),
            storage=storage(),
            by=operator(),
        )
    return submit


def found(instance_id: str) -> list[tuple[str, dict]]:
    submission, _ = get_submission(instance_id)
    noticed = [found.finding for found in list_findings(submission.id)]
    return [(finding.code, finding.details or {}) for finding in noticed]


@pytest.mark.parametrize("namespace", [COLLECT, AGGREGATE])
def test_manifest_and_ciphertext_are_kept_as_they_were_sent(keyed, namespace):
    xml = house("uuid:e1", version="2", children=CHILDREN)
    sent = encrypt(xml, PUBLIC, [("a.jpg", b"photo" * 99)], namespace=namespace)

    first = keyed(sent.manifest, sent.files[0], is_incomplete=True)
    last = keyed(sent.manifest, *sent.files[1:])

    assert (first.status_code, last.status_code) == (201, 201)
    assert "submission.xml.enc" in first.text
    _, version = get_submission("uuid:e1")
    assert load_xml(version.id) == sent.manifest
    files = list_attachments(version.id)
    assert {f.name: storage().file(f.storage_key).read_bytes() for f in files} == dict(sent.files)
    assert found("uuid:e1") == []


def test_a_slip_in_clear_for_a_form_with_a_key_is_accepted_and_flagged_once(keyed):
    statuses = [keyed(house("uuid:clear", version="2")).status_code for _ in range(3)]

    assert statuses == [201, 201, 201]
    assert found("uuid:clear") == [("not_encrypted", {})]


def test_a_slip_in_clear_for_the_version_without_a_key_is_as_ever(keyed):
    keyed(house("uuid:old", version="1"))

    assert found("uuid:old") == []


def test_plain_files_beside_encrypted_ones_are_kept_and_flagged_once(keyed):
    xml = house("uuid:e2", version="2", children=CHILDREN)
    sent = encrypt(xml, PUBLIC, [("a.jpg", b"photo")])

    for _ in range(2):
        response = keyed(sent.manifest, *sent.files, ("a.jpg", b"photo"), ("audit.csv", b"event"))

    assert response.status_code == 201
    assert found("uuid:e2") == [
        ("file_not_encrypted", {"name": "a.jpg"}),
        ("file_not_encrypted", {"name": "audit.csv"}),
    ]
    _, version = get_submission("uuid:e2")
    kept = {f.name: f.is_expected for f in list_attachments(version.id)}
    assert kept == {
        "a.jpg.enc": True, "submission.xml.enc": True, "a.jpg": False, "audit.csv": False,
    }  # fmt: skip


def test_the_same_slip_encrypted_anew_is_a_conflict_and_the_first_stays(keyed):
    xml = house("uuid:e3", version="2")
    sent, again = encrypt(xml, PUBLIC), encrypt(xml, PUBLIC)
    keyed(sent.manifest, *sent.files)

    assert keyed(again.manifest, *again.files).status_code == 409
    assert count_submissions() == 1


def test_what_was_noticed_is_shown(keyed, installation):
    keyed(house("uuid:clear", version="2"))

    shown = installation.run_json("submissions", "show", "uuid:clear")
    text = installation.run("submissions", "show", "uuid:clear")

    [finding] = shown["findings"]
    assert (finding["instanceId"], finding["code"]) == ("uuid:clear", "not_encrypted")
    assert "came in clear" in finding["text"]
    assert "not_encrypted" in text
