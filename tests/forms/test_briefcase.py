"""Keys, cursors and envelopes of the Briefcase protocol."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.briefcase import (
    Cursor,
    SubmissionKey,
    parse_chunk,
    parse_cursor,
    parse_key,
    write_chunk,
    write_cursor,
    write_key,
)
from forms.envelopes import MediaFile, parse_envelope, write_envelope
from forms.errors import DocumentRefused
from forms.instances import parse_instance
from forms.openrosa_lists import parse_form_list
from tests.helpers.slips import house

XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cn"]),
    min_size=1,
)


@pytest.mark.parametrize(
    "text",
    [
        "wells[@version=null and @uiVersion=null]/data[@key=uuid:1]",
        "wells[@version=3 and @uiVersion=null]/data[@key=uuid:1]",
        "wells[@version=Optional[3] and @uiVersion=null]/nm[@key=uuid:1]",
        "wells[@version=Optional.empty and @uiVersion=null]/data[@key=uuid:1]",
        " wells[@version=2026-03-04 and @uiVersion=]/data[@key= uuid:1 ] ",
        'wells[@version=null and @uiVersion=null]/data[@key="uuid:1"]',
        "wells/data[@key=uuid:1]",
    ],
)
def test_keys_are_read_however_briefcase_wrote_the_version(text):
    assert parse_key(text) == SubmissionKey("wells", "uuid:1")


@pytest.mark.parametrize(
    "text", ["", "wells", "wells[@version=null]", "[@version=1]/data[@key=x]", "w/data[@key=]"]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(DocumentRefused):
        parse_key(text)


def test_odd_ids_survive_in_a_key():
    key = write_key("a/b [@version=1]", "data", "uuid:[x]]")

    assert parse_key(key) == SubmissionKey("a/b [@version=1]", "uuid:[x]]")


@given(moment=st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)), last=XML_TEXT)
def test_a_cursor_survives_the_round(moment, last):
    assert parse_cursor(write_cursor(Cursor(moment, last))) == Cursor(moment, last)


@given(st.lists(XML_TEXT, unique=True), XML_TEXT)
def test_ids_and_cursor_survive_in_a_chunk(ids, cursor):
    chunk = parse_chunk(write_chunk(ids, cursor).encode())

    assert chunk.ids == tuple(ids)
    assert chunk.cursor == cursor


@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-04T00:00:00Z",
        "2026-03-04T07:00:00+07:00",
        "2026-03-04T07:00:00.000+0700",
        "2026-03-04T07:00:00.000 0700",
        "2026-03-04T00:00:00.000000000Z",
        "2026-03-04",
    ],
)
def test_a_cursor_that_briefcase_invents_means_from_that_moment_on(moment):
    text = write_cursor(Cursor(datetime(2000, 1, 1, tzinfo=UTC)))
    text = text.replace("2000-01-01T00:00:00.000000Z", moment)

    assert parse_cursor(text) == Cursor(datetime(2026, 3, 4, tzinfo=UTC), "")


@pytest.mark.parametrize(
    "text",
    ["17", "x", "<cursor/>", "<!DOCTYPE a><cursor/>", "<cursor><attributeValue>x</attributeValue>"],
)
def test_a_cursor_that_is_none_is_refused(text):
    with pytest.raises(DocumentRefused):
        parse_cursor(text)


def test_an_envelope_holds_the_bytes_of_the_instance_but_for_declaration_and_attributes():
    xml = house("uuid:1", head="Trần  'Hoà' &#64; \U0001f600")
    body = xml.partition(b"?>")[2]

    envelope = write_envelope(xml, {"instanceID": "uuid:1", "isComplete": "true"}, [])

    root = b'<data id="houses" version="1"'
    assert root + b' instanceID="uuid:1" isComplete="true"' + body.removeprefix(root) in envelope


@pytest.mark.parametrize(
    "xml",
    [
        b"\xef\xbb\xbf" + house("uuid:1"),
        b"<!-- <data> --><?p <a?>" + house("uuid:1").partition(b"?>")[2] + b"<!-- end -->",
        house("uuid:1", head="x").replace(b"<head>x", b"<head>&#11;x&#55357;&#56832;"),
        house("uuid:1").replace(b" id=", b" isComplete = 'no'  submissionDate='>' id="),
        b'<data id="houses" instanceID="uuid:1"/>',
    ],
)
def test_whatever_was_kept_makes_a_well_formed_envelope(xml):
    files = [MediaFile('ảnh "1" <&>.jpg', "0" * 32, "https://h.example/a?b&c")]
    attributes = {"instanceID": "uuid:1", "submissionDate": "2026-03-04T09:00:00.000Z"}

    found = parse_envelope(write_envelope(xml, attributes | {"isComplete": "true"}, files))

    instance = parse_instance(found.xml)
    assert (instance.xml_form_id, instance.instance_id) == ("houses", "uuid:1")
    assert instance.root.get("isComplete") == "true"
    assert found.submitted_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert found.files == tuple(files)


def test_an_instance_takes_its_namespaces_out_of_the_envelope():
    envelope = (
        b'<submission xmlns="http://opendatakit.org/submissions" '
        b'xmlns:orx="http://openrosa.org/xforms"><data><data id="wells" version="3" '
        b'instanceID="uuid:1" submissionDate="2026-03-04T09:00:00.000+0000"><orx:meta>'
        b"<orx:instanceID>uuid:1</orx:instanceID></orx:meta></data></data></submission>"
    )

    found = parse_envelope(envelope)

    assert parse_instance(found.xml).instance_id == "uuid:1"
    assert parse_envelope(envelope).xml == found.xml


@pytest.mark.parametrize(
    "xml", [b"", b"<html/>", b"<submission/>", b"<submission><data/></submission>"]
)
def test_what_is_no_envelope_is_refused(xml):
    with pytest.raises(DocumentRefused):
        parse_envelope(xml)


@pytest.mark.parametrize("xml", [b"<html><body/></html>", b"{}", b"<!DOCTYPE x><xforms/>"])
def test_what_is_no_form_list_is_refused(xml):
    with pytest.raises(DocumentRefused):
        parse_form_list(xml)
