"""The judge that our evaluator is compared with gives JavaRosa's verdicts on submitted values."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyxform.xls2xform import convert

from tests.helpers import recorded
from tests.helpers.verdicts import Judge, Verdict, Verdicts

FAMILY = (Path(__file__).parents[1] / "data" / "family.md").read_text(encoding="utf-8")
SLIP = """<data id="family" version="1">
<age>7</age><most>5</most><born>2024-02-28</born><needs>z</needs><why>left over</why>
<g><inner>ABC</inner><doubled>99</doubled></g><more>1</more><kept>y</kept><tomorrow/>
<rep><name>a</name><prov>1</prov><dist>21</dist><label/><place/>
  <sub><x>7</x><at/></sub><sub><x>2</x><at/></sub><sumx/></rep>
<rep><name>b</name><prov/><dist>11</dist><label/><place/><sub><x>abc</x><at/></sub><sumx/></rep>
<rep><name>no</name><prov>2</prov><dist>21</dist><label/><place/><sub><x>5</x><at/></sub><sumx/></rep>
<total/><second/><village/><strange>1</strange><meta><instanceID>uuid:1</instanceID></meta></data>
"""
VILLAGES = {"villages.csv": b"name,label\nv1,Thon 1\nv2,Thon 2\n"}
UNFIT = {
    "integer": ["1.5", "abc", "3000000000"],
    "date": ["29/02/2024", "2024-02-30", "2024-02-29T10:00:00"],
    "time": ["25:00", "8h"],
    "geopoint": ["abc"],
}


def xform(markdown: str) -> bytes:
    return convert(markdown, file_type=".md", validate=False).xform.encode()


def form(row: str, second: str = "") -> bytes:
    lines = ["| survey |", f"| | {row} |", *([f"| | {second} |"] if second else [])]
    header = "| | type | name | label | calculation | relevant |"
    settings = "| settings |\n| | form_id | name |\n| | f | data |"
    return xform("\n".join([lines[0], header, *lines[1:], settings]))


@pytest.fixture(scope="module")
def family(judge: Judge) -> Verdicts:
    # the list is attached by hand: a select from it would ask for a question more
    instance = '<instance id="villages" src="jr://file-csv/villages.csv"/><bind'
    definition = xform(FAMILY).decode().replace("<bind", instance, 1).encode()
    return judge.judge(definition, [SLIP.encode()], VILLAGES)[0]


def node(verdicts: Verdicts, path: str) -> Verdict:
    return verdicts.nodes[f"/data/{path}"]


def test_relevance_goes_down_the_groups_and_on_to_what_depends_on_it(family):
    assert not node(family, "why").relevant
    inner = node(family, "g/inner")
    assert (inner.relevant, inner.own, inner.value) == (False, False, "ABC")
    x = node(family, "rep[3]/sub[1]/x")
    assert (x.relevant, x.own) == (False, True)


@pytest.mark.parametrize(
    ("path", "satisfied"),
    [
        ("age", False),
        ("most", None),
        ("born", True),
        ("needs", True),
        ("g/inner", False),
        ("rep[1]/sub[1]/x", False),
        ("rep[1]/sub[2]/x", True),
    ],
)
def test_a_constraint_is_asked_of_the_value_that_was_sent(family, path, satisfied):
    assert node(family, path).constraint is satisfied


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("g/doubled", "14"),
        ("more", "100"),  # from the doubled that was sent, 99
        ("kept", "y"),
        ("tomorrow", "2024-02-29"),
        ("rep[1]/place", "Một"),
        ("rep[2]/place", ""),
        ("rep[3]/label", "D21"),
        ("rep[1]/sub[2]/at", "a2/1"),
        ("rep[2]/sub[1]/at", "b1/2"),
        ("rep[1]/sumx", "9"),
        ("rep[3]/sumx", "0"),
        ("total", "9"),
        ("second", "b"),
        ("village", "Thon 2"),
        ("age", None),
    ],
)
def test_a_calculation_is_made_from_what_was_sent_and_put_nowhere(family, path, text):
    assert node(family, path).calculated == text


def test_choices_are_those_that_the_filter_leaves(family):
    assert node(family, "rep[1]/dist").choices == ["11", "12"]
    assert node(family, "rep[2]/dist").choices == []
    assert node(family, "rep[3]/dist").choices == ["21"]
    assert node(family, "rep[1]/prov").choices is None


def test_an_answer_outside_the_filter_stays_what_it_is(family):
    assert node(family, "rep[1]/dist").read == "21"
    assert node(family, "rep[1]/label").calculated == ""


def test_what_the_form_does_not_know_is_named(family):
    assert family.unknown == ["/data/strange[1]"]


def test_a_rule_that_fails_is_noted_at_its_node(family):
    assert "can't be converted to a date" in node(family, "bad").failed["calculated"]
    assert not node(family, "bad").sent


def test_a_phone_that_opens_the_slip_calculates_anew(judge):
    plain = xform("\n".join(row for row in FAMILY.splitlines() if "| bad " not in row))
    plain = plain.replace(b"instance('villages')/root/item[name = 'v2']/label", b"''")
    opened = judge.judge(plain, [SLIP.encode()], mode="recalculated")[0]
    assert opened.error is None
    assert node(opened, "g/doubled").read == "14"
    assert node(opened, "more").read == "15"
    assert node(opened, "rep[1]/dist").read is None  # its choice-name was asked


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in UNFIT.items() for text in texts]
)
def test_a_value_that_is_not_of_its_type_reads_as_nothing(judge, kind, text):
    slip = f"<data id='f'><q>{text}</q></data>".encode()
    q = node(judge.judge(form(f"{kind} | q | Q"), [slip])[0], "q")
    assert (q.value, q.read) == (text, None)


def test_many_instances_of_one_form_do_not_touch_each_other(judge):
    counted = form("integer | q | Q", "calculate | c | | ${q} + 1")
    slips = [f"<data id='f'><q>{n}</q><c/></data>".encode() for n in range(200)]
    verdicts = judge.judge(counted, slips)
    assert [node(v, "c").calculated for v in verdicts] == [str(n + 1) for n in range(200)]


def test_an_instance_of_another_form_is_refused(judge):
    assert judge.judge(form("text | q | Q"), [b"<other/>"])[0].error


@pytest.mark.parametrize("name", recorded.names())
def test_javarosa_still_answers_as_recorded(judge, name):
    cases = recorded.load(name)
    answers = judge.evaluate([case.question for case in cases])
    for case, answer in zip(cases, answers, strict=True):
        assert case.value is not None
        kept = (case.value.type, case.value.value, case.value.exact, case.value.written)
        assert kept == (answer.type, answer.value, answer.exact, answer.written), case.question


def test_attributes_of_an_entity_are_judged_like_nodes(judge):
    people = xform("""
| survey |
| | type | name | label | save_to |
| | text | q    | Q     | q       |
| entities |
| | list_name | label | create_if  |
| | people    | ${q}  | ${q} = 'x' |
| settings |
| | form_id | name |
| | f       | data |
""")
    slip = b"<data id='f'><q>x</q><meta><entity create='0'><label>L</label></entity></meta></data>"
    verdicts = judge.judge(people, [slip])[0]
    create = node(verdicts, "meta/entity/@create")
    assert (create.sent, create.value, create.calculated) == (True, "0", "1")
    assert node(verdicts, "meta/entity/label").calculated == "x"
