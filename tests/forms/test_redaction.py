"""What lawful erasure leaves of an instance: its structure, and no answer but what is kept."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pyxform
from hypothesis import given
from hypothesis import strategies as st

from forms.instances import parse_instance
from forms.redaction import bare_instance, child_files, redact_instance
from forms.workbooks import compile_form, compile_workbook
from server.demo.slips import iter_slips
from server.demo.villages import Village
from tests.conftest import leave_out
from tests.helpers.slips import CHILD_SITUATION, workbook

VALIDATE = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
VISIT = """
| survey |
| | type         | name      | label   | calculation               | bind::phieu:kept |
| | start        | start     |         |                           |                  |
| | today        | today     |         |                           |                  |
| | text         | commune   | Commune |                           |                  |
| | text         | consent   | Consent |                           |                  |
| | text         | head      | Head    |                           |                  |
| | text         | benefit   | Benefit |                           | statutory        |
| | calculate    | hh_uid    |         | once(uuid())              |                  |
| | begin_repeat | child     | Child   |                           |                  |
| | calculate    | child_uid |         | once(uuid())              |                  |
| | text         | name      | Name    |                           |                  |
| | file         | paper     | Paper   |                           |                  |
| | begin_group  | more      | More    |                           |                  |
| | text         | grant     | Grant   |                           | statutory        |
| | text         | note      | Note    |                           |                  |
| | end_group    |           |         |                           |                  |
| | end_repeat   |           |         |                           |                  |
| | calculate    | names     |         | join(' ', ${name})        |                  |
| | calculate    | title     |         | concat('With ', ${names}) |                  |
| | calculate    | count     |         | count(${child})           |                  |
| settings |
| | form_id | form_title | version | namespaces                | instance_name |
| | visit   | Visit      | 1       | phieu="urn:phieu:xforms"  | ${head}       |
"""
FORM = compile_workbook(workbook(VISIT))
CANARY = "Nguyễn Canary"


def child(uid: str, name: str, extra: str = "") -> str:
    return (
        f"<child><child_uid>{uid}</child_uid><name>{name}</name><paper>{name}.pdf</paper>"
        f"<more><grant>granted</grant><note>{name}</note></more>{extra}</child>"
    )


def visit(*children: str, head: str = CANARY, extra: str = "", names: str = "An Bình") -> bytes:
    return (
        f'<?xml version="1.0"?><data id="visit" version="1" note="{CANARY}">{extra}'
        "<start>2026-11-20T08:00:00.000+07:00</start><today>2026-11-20</today>"
        f"<commune>12472</commune><consent>1</consent><head>{head}</head>"
        f"<benefit>poor</benefit><hh_uid>h-1</hh_uid>{''.join(children)}"
        f"<names>{names}</names><title>With {names}</title><count>{len(children)}</count>"
        '<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>uuid:1</orx:instanceID>'
        f"<orx:instanceName>{names}</orx:instanceName></orx:meta></data>"
    ).encode()


def texts(xml: bytes, name: str) -> list[str]:
    return [e.text or "" for e in parse_instance(xml).root.iter() if e.tag == name]


def test_the_structure_and_what_is_kept_stay():
    xml = redact_instance(
        FORM, visit(child("c-1", "An"), child("c-2", "Bình")), kept_paths=("/commune",)
    )

    kept = {e.tag: e.text for e in parse_instance(xml).root.iter() if (e.text or "").strip()}
    assert kept == {
        "start": "2026-11-20T08:00:00.000+07:00",
        "today": "2026-11-20",
        "commune": "12472",
        "consent": "1",
        "benefit": "poor",
        "hh_uid": "h-1",
        "child_uid": "c-2",
        "grant": "granted",
        "instanceID": "uuid:1",
    }
    assert texts(xml, "child_uid") == ["c-1", "c-2"]
    assert texts(xml, "head") == [""]


def test_of_one_child_only_its_own_part_goes_and_what_is_calculated_from_it():
    sent = visit(child("c-1", "An"), child("c-2", "Bình", f"<!--{CANARY}-->"))

    xml = redact_instance(FORM, sent, key="c-2")

    assert texts(xml, "name") == ["An", ""]
    assert texts(xml, "note") == ["An", ""]
    assert texts(xml, "grant") == ["granted", "granted"]
    assert texts(xml, "child_uid") == ["c-1", "c-2"]
    assert (texts(xml, "names"), texts(xml, "title"), texts(xml, "count")) == ([""], [""], ["2"])
    assert texts(xml, "head") == [CANARY]
    assert parse_instance(xml).instance_name is None
    assert "Bình".encode() not in xml
    assert child_files(FORM, sent, "c-2") == {"Bình.pdf"}


def test_the_key_of_the_household_takes_the_whole_and_an_unknown_one_nothing():
    sent = visit(child("c-1", "An"))

    assert texts(redact_instance(FORM, sent, key="h-1"), "name") == [""]
    assert redact_instance(FORM, sent, key="c-9") == sent


HIDING = st.lists(
    st.sampled_from(
        [
            f"<!--{CANARY}-->",
            f"<?{'canary'} {CANARY}?>",
            f"<![CDATA[{CANARY}]]>",
            f'<head note="{CANARY}">{CANARY}</head>',
            f"<head><b>{CANARY}</b>{CANARY}</head>{CANARY}",
            f"<unknown>{CANARY}</unknown>",
            "<Canary/>",
            f'<start xmlns:canary="urn:canary">{CANARY}</start>',
            f"<meta><instanceName>{CANARY}</instanceName><audit>{CANARY}</audit></meta>",
            "<head>Nguy&#x1EC5;n &#x43;anary&#11;</head>",
            child("c-3", CANARY, f"<!--{CANARY}--><more><grant><x>{CANARY}</x></grant></more>"),
        ]
    ),
    max_size=12,
)


@given(inside=HIDING, beside=HIDING)
def test_no_answer_survives_wherever_it_hides(inside, beside):
    sent = visit(child("c-1", CANARY, "".join(inside)), extra="".join(beside), names=CANARY)

    xml = redact_instance(FORM, sent)

    assert b"anary" not in xml
    assert parse_instance(xml).instance_id == parse_instance(sent).instance_id
    assert redact_instance(FORM, xml) == xml


@given(inside=HIDING)
def test_no_answer_of_an_erased_child_survives(inside):
    part = child("c-1", CANARY, "".join(part for part in inside if "c-3" not in part))
    sent = visit(part, child("c-2", "Bình"), head="Lan", names=CANARY).replace(
        f' note="{CANARY}"'.encode(), b""
    )

    xml = redact_instance(FORM, sent, key="c-1")

    assert b"anary" not in xml
    assert texts(xml, "name")[-1] == "Bình"


def test_without_anything_only_the_identity_is_left():
    sent = visit(child("c-1", "An")).replace(
        b"</orx:meta>", b"<orx:deprecatedID>uuid:0</orx:deprecatedID></orx:meta>"
    )

    instance = parse_instance(bare_instance(sent))

    assert (instance.xml_form_id, instance.version) == ("visit", "1")
    assert (instance.instance_id, instance.deprecated_id) == ("uuid:1", "uuid:0")
    assert [e.tag for e in instance.root] == ["meta"]


def test_no_name_of_a_real_slip_survives():
    form = compile_form(CHILD_SITUATION.read_bytes(), filename="child_situation.xlsx")
    villages = [Village("VN-1", "Thôn 1", "12472", "12472")]
    slips = iter_slips(villages, count=30, seed=1, version=form.version, today=date(2026, 11, 20))

    for sent in slips:
        xml = redact_instance(form, sent, kept_paths=("/g_visit/commune_code",)).decode()
        for name in re.findall(r"_name>([^<]+)<", sent.decode()):
            assert name not in xml
        assert texts(xml.encode(), "hh_uid") == texts(sent, "hh_uid")


def test_designers_mark_what_the_law_keeps_without_a_warning(tmp_path):
    assert FORM.warnings == ()
    if shutil.which("java") is None:
        leave_out("Java is missing")
    xform = tmp_path / "form.xml"
    xform.write_bytes(FORM.xform)

    done = subprocess.run(
        ["java", "-jar", VALIDATE, xform], capture_output=True, text=True, check=False
    )

    assert "Xform is valid" in done.stdout + done.stderr
