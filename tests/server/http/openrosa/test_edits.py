"""Edits by deprecatedID (openrosa.md §7.7, §7.9), in every order of arrival."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.actions import holding
from server.actions.receiving import receive_submission
from server.actions.slips import read_slip
from server.cli.common import operator, settings, storage
from server.db import db, transaction
from server.jobs.releasing import release_held_edits
from server.jobs.surroundings import Surroundings
from server.queries.held_edits import count_held
from server.queries.submission_attachments import list_attachments
from server.queries.submissions import get_submission, list_submission_versions, load_xml
from tests.helpers.slips import house
from tests.helpers.sql import count_submissions, list_quarantined


def edit(instance_id: str, of: str, *, commune: str = "12472", head: str = "An") -> bytes:
    children = (("Bình", "1", "a.jpg"),)
    return house(instance_id, commune=commune, head=head, children=children).replace(
        b"<meta>", f"<meta><deprecatedID>{of}</deprecatedID>".encode()
    )


ORIGINAL = house("uuid:0", children=(("Bình", "1", "a.jpg"),))
CHAIN = [ORIGINAL, edit("uuid:1", "uuid:0", head="B"), edit("uuid:2", "uuid:1", head="C")]


def history(instance_id: str = "uuid:0") -> list[str]:
    """instanceIDs of a submission's versions, oldest first; read anew."""
    db.session.rollback()
    submission, _ = get_submission(instance_id)
    return [v.instance_id for v in reversed(list_submission_versions(submission.id))]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_chain_of_edits_ends_the_same_in_every_order(submit, order):
    answers = [submit(CHAIN[i], ("a.jpg", f"file {i}".encode())) for i in order]
    again = [submit(CHAIN[i], ("a.jpg", f"file {i}".encode())).status_code for i in order]

    assert {a.status_code for a in answers} <= {201, 202}
    assert again == [201] * 3
    assert history() == ["uuid:0", "uuid:1", "uuid:2"]
    assert count_submissions() == 1
    assert count_held() == 0
    submission, current = get_submission("uuid:0")
    assert load_xml(current.id) == CHAIN[2]
    assert [f.size for f in list_attachments(current.id)] == [6]
    assert submission.review_state.value == "edited"


def test_an_edit_before_its_original_is_held_and_says_so(submit):
    answer = submit(CHAIN[1], ("a.jpg", b"x"))

    assert answer.status_code == 202
    assert "original" in answer.text
    assert count_submissions() == 0
    assert count_held() == 1


def test_the_files_of_a_held_edit_come_in_several_requests(submit):
    xml = edit("uuid:1", "uuid:0").replace(b"a.jpg", b"a.jpg</paper><paper>b.jpg")
    first = submit(xml, ("a.jpg", b"a"), is_incomplete=True)
    second = submit(xml, ("b.jpg", b"b"))
    submit(ORIGINAL)

    _, current = get_submission("uuid:0")
    files = {f.name: f.size for f in list_attachments(current.id)}
    assert (first.status_code, second.status_code) == (202, 202)
    assert current.instance_id == "uuid:1"
    assert files == {"a.jpg": 1, "b.jpg": 1}


def test_other_content_under_the_id_of_a_held_edit_is_refused(submit):
    submit(CHAIN[1])

    assert submit(edit("uuid:1", "uuid:0", head="other")).status_code == 409


def test_two_edits_of_one_original_that_waited_do_not_overwrite_each_other(submit):
    submit(edit("uuid:1", "uuid:0", head="first"))
    submit(edit("uuid:2", "uuid:0", head="second"))

    answer = submit(ORIGINAL)

    assert answer.status_code == 201
    assert history() == ["uuid:0", "uuid:1"]
    assert [code for code, _ in list_quarantined()] == ["409.9"]
    assert count_held() == 0


def test_an_edit_of_what_was_edited_elsewhere_is_refused_with_what_to_do(submit):
    submit(ORIGINAL)
    submit(edit("uuid:1", "uuid:0", head="on the server"))

    answer = submit(edit("uuid:2", "uuid:0", head="on the phone"))

    assert answer.status_code == 409
    assert "edited elsewhere" in answer.text
    assert history() == ["uuid:0", "uuid:1"]


def test_an_edit_that_names_itself_is_refused(submit):
    assert submit(edit("uuid:1", "uuid:1")).status_code == 400


def test_edits_that_name_each_other_are_told_apart_from_those_that_wait(submit):
    statuses = [
        submit(edit("uuid:a", "uuid:b")).status_code,
        submit(edit("uuid:b", "uuid:c")).status_code,
        submit(edit("uuid:c", "uuid:a")).status_code,
    ]

    assert statuses == [202, 202, 400]
    assert count_submissions() == 0
    assert count_held() == 2


def test_sixteen_equal_edits_before_their_original_are_one(submit):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: submit(CHAIN[1], ("a.jpg", b"x")), range(16)))
    submit(ORIGINAL)

    assert [a.status_code for a in answers] == [202] * 16
    assert history() == ["uuid:0", "uuid:1"]


def test_a_large_edit_that_waits_may_be_sent_again(submit, monkeypatch):
    monkeypatch.setattr(holding, "MAX_BYTES_OF_ONE", 150_000)

    statuses = [submit(CHAIN[1], ("a.jpg", b"x" * 100_000)).status_code for _ in range(2)]

    assert statuses == [202, 202]
    assert list_quarantined() == []


def test_a_file_that_comes_late_for_the_original_reaches_the_edit_that_names_it(submit):
    submit(ORIGINAL)
    submit(CHAIN[1])

    submit(ORIGINAL, ("a.jpg", b"late"))

    assert "missing" not in submit(CHAIN[1]).text


def test_an_edit_whose_release_was_missed_is_joined_by_the_next_round(submit, app):
    submit(CHAIN[1], ("a.jpg", b"x"))
    slip = read_slip(ORIGINAL)
    with transaction():  # as if the process had ended before it looked for edits
        receive_submission(slip, by=operator(), project_id=1, tz=settings().tz)

    release_held_edits(Surroundings.of(settings(), storage()))

    assert history() == ["uuid:0", "uuid:1"]
    assert count_held() == 0


def test_an_edit_moves_the_submission_to_the_commune_that_it_names(submit):
    submit(ORIGINAL)

    submit(edit("uuid:1", "uuid:0", commune="13225"))

    db.session.rollback()
    submission, _ = get_submission("uuid:0")
    assert (submission.commune_code, submission.edition) == ("13225", "vn-2025-07")


def test_sixteen_equal_edits_at_once_are_one(submit):
    submit(ORIGINAL)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: submit(CHAIN[1], ("a.jpg", b"x")), range(16)))

    assert [a.status_code for a in answers] == [201] * 16
    assert history() == ["uuid:0", "uuid:1"]
    assert list_quarantined() == []


def test_an_original_and_its_edit_at_the_same_moment_find_each_other(submit):
    for i in range(8):
        original = house(f"uuid:o{i}")
        with ThreadPoolExecutor(2) as pool:
            sent = [original, edit(f"uuid:e{i}", f"uuid:o{i}")]
            answers = list(pool.map(submit, sent))

        assert {a.status_code for a in answers} <= {201, 202}
        assert history(f"uuid:o{i}") == [f"uuid:o{i}", f"uuid:e{i}"]
    assert count_held() == 0
