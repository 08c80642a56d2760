"""Instances: what phones really send is read, what is hostile is refused."""

from __future__ import annotations

import pytest

from forms.errors import InstanceRefused, Reason
from forms.instances import expected_attachments, parse_instance
from forms.workbooks import compile_workbook
from tests.helpers.slips import HOUSES, house


def test_identity_is_found_by_local_name_whatever_the_namespace():
    xml = (
        b'<n:data xmlns:n="urn:x" id="f" xmlns:o="http://openrosa.org/xforms" o:version="3">'
        b"<o:meta><o:instanceID> uuid:1 </o:instanceID><deprecatedID>uuid:0</deprecatedID>"
        b"<o:instanceName>Ann</o:instanceName></o:meta></n:data>"
    )

    instance = parse_instance(xml)

    assert (instance.xml_form_id, instance.version) == ("f", "3")
    assert (instance.instance_id, instance.deprecated_id) == ("uuid:1", "uuid:0")
    assert instance.instance_name == "Ann"


def test_characters_that_xml_forbids_are_replaced_for_reading_only():
    xml = house("uuid:1", head="X").replace(b"X", b"a&#11;&#55357;&#56832;&#x1F;&#xD83D;z\x0c")

    instance = parse_instance(xml)

    assert instance.value("/head") == "a\ufffd\U0001f600\ufffd\ufffdz\ufffd"


def test_an_instance_without_id_is_named_by_its_bytes():
    one, two = parse_instance(b'<d id="f"/>'), parse_instance(b'<d id="f"> </d>')

    assert one.instance_id.startswith("sha256:")
    assert one.instance_id != two.instance_id


def test_the_files_an_instance_expects_are_those_of_its_binary_questions():
    form = compile_workbook(HOUSES.encode(), file_type=".md")
    children = (("A", "1", "ảnh.jpg"), ("B", "1", ""), ("C", "2", "b.jpg"), ("D", "2", "b.jpg"))

    names = expected_attachments(form, parse_instance(house("u", children=children)))

    assert names == ("ảnh.jpg", "b.jpg")


def test_an_encrypted_instance_expects_what_its_manifest_lists():
    form = compile_workbook(HOUSES.encode(), file_type=".md")
    xml = (
        b'<data xmlns="http://www.opendatakit.org/xforms/encrypted" id="houses" encrypted="yes">'
        b"<media><file>1.jpg.enc</file></media><encryptedXmlFile>submission.xml.enc"
        b"</encryptedXmlFile></data>"
    )

    names = expected_attachments(form, parse_instance(xml))

    assert names == ("1.jpg.enc", "submission.xml.enc")


def test_an_answer_may_speak_of_a_doctype():
    xml = house("u", head="X").replace(b"X", b"<![CDATA[<!DOCTYPE x>]]>")

    assert parse_instance(xml).value("/head") == "<!DOCTYPE x>"


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (b"", Reason.NOT_XML),
        (house("u")[:-5], Reason.NOT_XML),
        (house("u").decode().encode("utf-16"), Reason.NOT_XML),
        (b"<!DOCTYPE d><d id='f'/>", Reason.HAS_DTD),
        (b"<!-- <!DOCTYPE x> --><!DOCTYPE d []><d id='f'/>", Reason.HAS_DTD),
        (b"<d id='f'>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</d>", Reason.NOT_XML),
        (b"<d id='f'>" + b"<a/>" * 200_000 + b"</d>", Reason.TOO_LARGE),
        (house("u", head="x" * 10_000_000), Reason.TOO_LARGE),
        (b"<d/>", Reason.NO_FORM_ID),
        (house("u" * 250), Reason.TEXT_TOO_LONG),
    ],
)
def test_what_is_no_instance_is_refused_with_the_reason(xml, reason):
    with pytest.raises(InstanceRefused) as caught:
        parse_instance(xml)

    assert caught.value.reason is reason
