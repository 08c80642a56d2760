"""The Briefcase protocol over real sockets: what pulls and what pushes (openrosa.md §13)."""

from __future__ import annotations

import secrets
from hashlib import md5
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from forms.briefcase import Cursor, parse_chunk, parse_moment, write_cursor, write_key
from forms.envelopes import parse_envelope
from forms.instances import parse_instance
from forms.workbooks import compile_workbook
from tests.helpers.phones import Phone
from tests.helpers.readers import PATH, reader_headers
from tests.helpers.slips import HOUSES, house

KEY = write_key("houses", "data", "{}")


@pytest.fixture
def installation(installation):
    """Behind a proxy that ends https, so that people may sign in."""
    installation.extra["PHIEU_TRUSTED_PROXIES"] = "1"
    return installation


def client_of(server, role: str, *, unit_code: str | None = None) -> Phone:
    headers = reader_headers(server.installation, role, unit_code=unit_code)
    return Phone(server.url + PATH, headers=headers)


@pytest.fixture
def published(offered, server):
    return server


@pytest.fixture
def reader(published):
    with client_of(published, "viewer") as phone:
        yield phone


@pytest.fixture
def phone(published):
    with Phone(published.collect) as phone:
        yield phone


def ask(client: Phone, address: str, **arguments: str):
    query = "&".join(f"{name}={quote(value)}" for name, value in arguments.items())
    return client.request("GET", f"{client.base}/{address}?{query}")


def list_page(client: Phone, cursor: str = "", **arguments: str):
    answer = ask(client, "view/submissionList", formId="houses", cursor=cursor, **arguments)
    assert answer.status == 200, answer.text
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.headers["Content-Type"].startswith("text/xml")
    return parse_chunk(answer.body)


def list_all(client: Phone, cursor: str = "", **arguments: str) -> list[str]:
    """All ids, as Briefcase 1.17 asks: until a list is empty."""
    found: list[str] = []
    while ids := (page := list_page(client, cursor, **arguments)).ids:
        found += ids
        cursor = page.cursor
    return found


def edit(instance_id: str, of: str, **answers) -> bytes:
    deprecated = f"<meta><deprecatedID>{of}</deprecatedID>".encode()
    return house(instance_id, **answers).replace(b"<meta>", deprecated)


def test_two_hundred_and_fifty_submissions_are_listed_in_pages_each_once(reader, phone):
    sent = [f"uuid:{i}" for i in range(250)]
    for instance_id in sent:
        phone.submit(house(instance_id))

    assert list_all(reader, numEntries="100") == sent
    assert list_all(reader) == sent
    assert list_all(reader, numEntries="1000") == sent


def test_an_old_briefcase_stops_because_the_cursor_stays(reader, phone):
    for i in range(5):
        phone.submit(house(f"uuid:{i}"))
    found: list[str] = []
    cursor, before = "", None

    while cursor != before:
        page = list_page(reader, cursor, numEntries="2")
        found += page.ids
        before, cursor = cursor, page.cursor

    assert found == [f"uuid:{i}" for i in range(5)]


def test_a_form_without_submissions_ends_at_once_for_both(reader):
    page = list_page(reader)

    assert (page.ids, page.cursor) == ((), "")


def test_from_a_kept_cursor_on_only_what_changed_is_listed(reader, phone):
    phone.submit(house("uuid:1"))
    phone.submit(house("uuid:2", children=(("Bình", "1", "late.jpg"),)))
    phone.submit(house("uuid:3"))
    before = list_page(reader)

    phone.submit(house("uuid:2", children=(("Bình", "1", "late.jpg"),)), [("late.jpg", b"x")])
    phone.submit(edit("uuid:1b", "uuid:1"))
    after = list_page(reader, before.cursor)

    assert before.ids == ("uuid:1", "uuid:3")
    assert after.ids == ("uuid:2", "uuid:1b")


def test_incomplete_submissions_are_listed_where_asked_for(reader, phone):
    phone.submit(house("uuid:1", children=(("Bình", "1", "missing.jpg"),)))

    assert list_all(reader) == []
    assert list_all(reader, includeIncomplete="true") == ["uuid:1"]


def test_a_cursor_invented_from_a_date_lists_from_there(reader, phone):
    phone.submit(house("uuid:1"))

    past = write_cursor(Cursor(parse_moment("2001-01-01")))
    future = write_cursor(Cursor(parse_moment("2101-01-01")))

    assert list_all(reader, past) == ["uuid:1"]
    assert list_page(reader, future) == list_page(reader, future)
    assert list_page(reader, future).cursor == future


def test_a_submission_comes_with_its_files_and_says_when_it_was_received(reader, phone, published):
    files = [('ảnh "1".jpg', b"one"), ("2.jpg", b"two")]
    xml = house("uuid:1", children=tuple(("Bé", "1", name) for name, _ in files))
    phone.submit(xml, files)

    answer = ask(reader, "view/downloadSubmission", formId=KEY.format("uuid:1"))
    found = parse_envelope(answer.body)

    shown = published.installation.run_json("submissions", "show", "uuid:1")
    assert found.submitted_at == parse_moment(shown["createdAt"])
    root = parse_instance(found.xml).root
    assert (root.get("instanceID"), root.get("isComplete")) == ("uuid:1", "true")
    got = {file.name: reader.get(file.url).body for file in found.files}
    assert got == dict(files)
    assert {f.name: f.md5 for f in found.files} == {n: md5(b).hexdigest() for n, b in files}
    original = answer.headers["Link"].partition(">")[0].removeprefix("<")
    assert reader.get(original).body == xml


def test_an_edit_and_what_it_replaced_are_both_served(reader, phone):
    phone.submit(house("uuid:1"))
    phone.submit(edit("uuid:2", "uuid:1", head="Sửa"))

    answers = [
        ask(reader, "view/downloadSubmission", formId=KEY.format(i)) for i in ("uuid:1", "uuid:2")
    ]

    assert list_all(reader) == ["uuid:2"]
    found = [parse_instance(parse_envelope(a.body).xml) for a in answers]
    assert [i.instance_id for i in found] == ["uuid:1", "uuid:2"]
    assert found[1].deprecated_id == "uuid:1"


def test_the_form_is_served_by_its_id(reader):
    xform = ask(reader, "formXml", formId="houses").body

    assert b'id="houses"' in xform


@pytest.mark.parametrize(
    ("address", "arguments", "status", "words"),
    [
        ("view/submissionList", {}, 400, "formId"),
        ("view/submissionList", {"formId": "none"}, 404, "no form"),
        ("view/submissionList", {"formId": "houses", "cursor": "17"}, 400, "cursor"),
        ("view/submissionList", {"formId": "houses", "cursor": "<cursor/>"}, 400, "cursor"),
        ("view/submissionList", {"formId": "houses", "numEntries": "many"}, 400, "numEntries"),
        ("view/downloadSubmission", {"formId": "houses"}, 400, "@key"),
        ("view/downloadSubmission", {"formId": KEY.format("uuid:none")}, 404, "uuid:none"),
        ("view/attachments/houses/uuid%3Anone/x.jpg", {}, 404, "uuid:none"),
        ("formXml", {"formId": "none"}, 404, "no form"),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_cannot_be_answered_is_said_in_the_envelope(reader, address, arguments, status, words):
    answer = ask(reader, address, **arguments)

    assert answer.status == status
    assert words in answer.text
    assert "<OpenRosaResponse" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "view/submissionList?formId=houses",
        "view/submissionList?formId=none",
        "view/downloadSubmission?formId=" + quote(KEY.format("uuid:1")),
        "view/originals/houses/uuid%3A1",
        "view/attachments/houses/uuid%3A1/a.jpg",
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_phone_reads_no_submission(phone, address):
    phone.submit(house("uuid:1", children=(("Bé", "1", "a.jpg"),)), [("a.jpg", b"x")])

    assert phone.get(f"/{address}").status == 403


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_who_is_limited_to_a_unit_is_handed_its_submissions_only(published, phone):
    phone.submit(house("uuid:own", commune="12472"))
    phone.submit(house("uuid:other", commune="12511"))

    with client_of(published, "viewer", unit_code="12472") as limited:
        assert list_all(limited) == ["uuid:own"]
        assert limited.get("/view/originals/houses/uuid%3Aown").status == 200
        assert limited.get("/view/originals/houses/uuid%3Aother").status == 404


def form_body(xform: bytes | None, files=()) -> tuple[bytes, str]:
    """A request as Briefcase pushes a form."""
    mark = secrets.token_hex(8)
    parts = [("form_def_file", "form.xml", xform)] if xform is not None else []
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: application/xml\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, filename, data in [*parts, *((n, n, d) for n, d in files)]
    )
    return body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def push(client: Phone, xform: bytes | None, files=()):
    body, content_type = form_body(xform, files)
    path = f"{client.base}/formUpload"
    return client.request("POST", path, body, {"Content-Type": content_type})


def xform(markdown: str = HOUSES) -> bytes:
    return compile_workbook(markdown.encode(), file_type=".md").xform


def with_lists(*names: str) -> bytes:
    rows = "".join(f"| | select_one_from_file {n}.csv | q_{n} | {n} | {n} |\n" for n in names)
    return xform(HOUSES.replace("| | date ", f"{rows}| | date ", 1))


@pytest.fixture
def pusher(server):
    with client_of(server, "manager") as phone:
        yield phone


def test_a_form_is_pushed_with_its_files_in_several_requests(pusher, server):
    form = with_lists("a", "b")

    probe = pusher.request("HEAD", f"{pusher.base}/upload")
    answers = [push(pusher, form, [(f"{n}.csv", b"name,label\n1,x\n")]) for n in ("a", "b", "a")]

    assert probe.status == 204
    assert [a.status for a in answers] == [201, 201, 201]
    shown = server.installation.run_json("forms", "show", "houses")
    assert shown["attachments"] == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [(None, 400, "form_def_file"), (b"<html/>", 400, "errors"), (b"junk", 400, "errors")],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_is_no_form_is_refused(pusher, form, status, words):
    answer = push(pusher, form)

    assert (answer.status, words in answer.text) == (status, True)


def test_another_form_under_a_published_version_is_refused(pusher):
    push(pusher, xform())

    answer = push(pusher, xform(HOUSES.replace("Chủ hộ", "Khác")))

    assert answer.status == 409
    assert "other content" in answer.text


def test_a_phone_pushes_no_form(phone):
    assert push(phone, xform()).status == 403


AGGREGATE = (
    b'<houses xmlns="http://opendatakit.org/submissions" id="houses" version="1" '
    b'instanceID="uuid:old" submissionDate="2019-05-06T07:08:09.123+0000" isComplete="true">'
    b"<head>An</head></houses>"
)


def test_the_original_receipt_is_believed_if_who_pushes_may_change_submissions(
    published, pusher, phone
):
    trusted = pusher.submit(AGGREGATE)
    phones = phone.submit(AGGREGATE.replace(b"uuid:old", b"uuid:phone"))
    later = pusher.submit(AGGREGATE.replace(b"uuid:old", b"uuid:later").replace(b"2019", b"2999"))

    assert [a.status for a in (trusted, phones, later)] == [201, 201, 201]
    years = [
        published.installation.run_json("submissions", "show", i)["createdAt"][:4]
        for i in ("uuid:old", "uuid:phone", "uuid:later")
    ]
    now = str(published.installation.today().year)
    assert years == ["2019", now, now]


def test_what_was_received_long_ago_elsewhere_is_new_to_those_who_pull(pusher, reader):
    pusher.submit(house("uuid:1"))
    page = list_page(reader)
    pusher.submit(AGGREGATE)

    assert list_page(reader, page.cursor).ids == ("uuid:old",)
    tree = ElementTree.fromstring(
        ask(reader, "view/downloadSubmission", formId=KEY.format("uuid:old")).body
    )
    assert tree[0][0].get("submissionDate") == "2019-05-06T07:08:09.123Z"
