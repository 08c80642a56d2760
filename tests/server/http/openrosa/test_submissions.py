"""HEAD and POST submission, as ODK Collect calls them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.actions.people import revoke_app_user
from server.actions.publishing import set_form_state
from server.auth.callers import find_phone
from server.cli.common import operator
from server.db import transaction
from server.models import FormState
from server.queries.forms import get_form
from server.queries.projects import get_project
from server.queries.submission_attachments import list_attachments
from server.queries.submissions import get_submission, load_xml
from tests.helpers.phones import multipart
from tests.helpers.slips import house
from tests.helpers.sql import count_attachments, count_submissions, list_quarantined


def test_a_slip_is_kept_as_it_was_sent(submit):
    xml = house("uuid:1")

    response = submit(xml)

    assert response.status_code == 201
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    _, version = get_submission("uuid:1")
    assert load_xml(version.id) == xml


def test_head_answers_204_with_the_limit_that_collect_splits_at(app, collect):
    response = app.test_client().head(f"{collect}/submission")

    assert response.status_code == 204
    assert response.headers["X-OpenRosa-Accept-Content-Length"] == "10000000"
    assert "Location" not in response.headers


def test_the_same_slip_sent_again_is_one_submission(submit):
    statuses = [submit(house("uuid:1"), ("a", b"1")).status_code for _ in range(3)]

    assert statuses == [201, 201, 201]
    assert count_submissions() == 1
    assert count_attachments() == 1


def test_sixteen_equal_requests_at_once_are_one_submission(submit):
    xml = house("uuid:race", children=(("Bình", "1", "a.jpg"),))

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: submit(xml, ("a.jpg", b"x")), range(16)))

    assert [a.status_code for a in answers] == [201] * 16
    assert count_submissions() == 1
    assert count_attachments() == 1


def test_other_content_under_the_same_id_is_refused_and_the_first_stays(submit):
    submit(house("uuid:1"))

    response = submit(house("uuid:1", head="Ai khác"))

    assert response.status_code == 409
    assert "same id" in response.text
    _, version = get_submission("uuid:1")
    assert load_xml(version.id) == house("uuid:1")
    assert list_quarantined() == [("409.1", house("uuid:1", head="Ai khác"))]


def test_another_file_of_the_same_name_is_kept_beside_the_first(submit):
    xml = house("uuid:1", children=(("Bình", "1", "a.jpg"),))
    submit(xml, ("a.jpg", b"first"))

    response = submit(xml, ("a.jpg", b"second"))

    assert response.status_code == 201
    _, version = get_submission("uuid:1")
    files = [(f.size, f.is_conflict) for f in list_attachments(version.id)]
    assert files == [(5, False), (6, True)]


def test_a_hundred_and_one_files_come_in_one_request(submit):
    children = tuple((f"Bé {i}", "1", f"{i}.jpg") for i in range(101))

    response = submit(house("uuid:1", children=children), *((c[2], b"x") for c in children))

    assert response.status_code == 201
    assert "missing" not in response.text
    assert count_attachments() == 101


@pytest.mark.parametrize(
    ("xml", "status", "words"),
    [
        (b"<data/>", 400, "missing: id"),
        (b"not xml", 400, "not valid XML"),
        (house("uuid:1").replace(b"houses", b"other"), 404, "no form"),
        (house("uuid:1", version="7"), 404, 'no version "7"'),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason_and_quarantined(submit, xml, status, words):
    response = submit(xml)

    assert response.status_code == status
    assert words in response.text
    assert "<OpenRosaResponse" in response.text
    assert [kept for _, kept in list_quarantined()] == [xml]
    assert count_submissions() == 0


def test_a_refused_body_is_quarantined_once_however_often_it_is_sent(submit):
    for _ in range(3):
        submit(b"not xml", ("a.jpg", b"x"))

    assert len(list_quarantined()) == 1


def test_a_closed_form_refuses_and_says_what_to_do(submit):
    with transaction():
        set_form_state(get_form(1, "houses"), FormState.CLOSED, by=operator())

    response = submit(house("uuid:1"))

    assert response.status_code == 409
    assert "closed" in response.text


def test_a_closing_form_still_accepts(submit):
    with transaction():
        set_form_state(get_form(1, "houses"), FormState.CLOSING, by=operator())

    assert submit(house("uuid:1")).status_code == 201


def test_a_revoked_phone_is_refused_but_its_slip_is_quarantined(submit, token):
    with transaction():
        actor = find_phone(token, 1, operator().occasion).actor_id
        revoke_app_user(actor, project=get_project(), by=operator())

    response = submit(house("uuid:1"))

    assert response.status_code == 403
    assert list_quarantined() == [("403.1", house("uuid:1"))]


def test_nobody_known_leaves_nothing(submit, collect, token):
    unknown = collect.replace(token, "x" * 64)

    response = submit(house("uuid:1"), to=unknown)

    assert response.status_code == 403
    assert list_quarantined() == []


def test_a_body_without_its_last_boundary_leaves_nothing(app, collect):
    body, content_type = multipart(house("uuid:1"), [("a.jpg", b"x" * 1000)])

    with app.app_context():
        response = app.test_client().post(
            f"{collect}/submission", data=body[:-20], content_type=content_type
        )

    assert response.status_code == 400
    assert count_submissions() == 0
    assert list_quarantined() == []
    assert list(app.extensions["phieu_storage"].uploads.iterdir()) == []


def test_an_edit_replaces_the_slip_and_keeps_its_history(submit):
    edit = house("uuid:2", children=(("Bình", "2", "a.jpg"),), extra="").replace(
        b"<meta>", b"<meta><deprecatedID>uuid:1</deprecatedID>"
    )
    submit(house("uuid:1", children=(("Bình", "1", "a.jpg"),)), ("a.jpg", b"x"))

    response = submit(edit)

    assert response.status_code == 201
    assert "missing" not in response.text
    submission, current = get_submission("uuid:1")
    assert (submission.instance_id, current.instance_id) == ("uuid:1", "uuid:2")
    assert submission.review_state.value == "edited"


@pytest.mark.parametrize(
    "xml",
    [
        house("uuid:1", head="a").replace(b"<head>a", b"<head>&#11;a&#55357;&#56832;"),
        house("uuid:1")
        .replace(b"<meta>", b'<orx:meta xmlns:orx="http://openrosa.org/xforms/">')
        .replace(b"</meta>", b"</orx:meta>"),
        house("uuid:1").replace(b"<size>4</size>", b"<size/><unknown/>"),
        house("uuid:1").replace(b"<?xml version='1.0' encoding='UTF-8' ?>", b""),
        house("uuid:1").replace(b"An</head>", b"An\x0b</head>"),
        b"\xef\xbb\xbf" + house("uuid:1"),
    ],
)
def test_what_a_phone_really_sends_is_accepted(submit, xml):
    response = submit(xml, ("left-over.tmp", b"x"))

    assert response.status_code == 201
    _, version = get_submission("uuid:1")
    assert load_xml(version.id) == xml


def test_a_slip_without_instance_id_gets_one_that_makes_repeats_harmless(submit):
    xml = house("x").replace(b"<meta><instanceID>x</instanceID></meta>", b"")

    assert [submit(xml).status_code, submit(xml).status_code] == [201, 201]
    assert count_submissions() == 1


def test_the_commune_is_that_of_the_answer_in_the_edition_of_the_day(submit):
    submit(house("uuid:1", commune="12472"))
    submit(house("uuid:2", commune="99999"))

    assert get_submission("uuid:1")[0].commune_code == "12472"
    assert get_submission("uuid:1")[0].edition == "vn-2025-07"
    assert get_submission("uuid:2")[0].commune_code is None


def test_file_names_are_never_paths(submit, app):
    submit(house("uuid:1"), ("../../etc/passwd", b"x"), ("a/../b", b"y"))

    _, version = get_submission("uuid:1")
    names = {f.name for f in list_attachments(version.id) if f.sha256}
    assert names == {".._.._etc_passwd", "a_.._b"}
    root = app.extensions["phieu_storage"].root
    assert all(p.is_relative_to(root) for p in root.rglob("*"))
