"""What a slip breaks is found, each thing at its place, and nothing else."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from forms.checking import MAX_FINDINGS, check_slip, compile_checks
from forms.evaluation import Clock, LookupList, compile_rules
from forms.instances import parse_instance
from forms.list_files import read_list_file
from forms.workbooks import compile_workbook

SHIPPED = Path(__file__).parents[3] / "xlsforms"
FORM = """
| survey |
| | type | name | label | relevant | constraint | required | calculation | choice_filter | count |
| | integer | age | Age | | . < 120 | yes | | | |
| | text | why | Why | ${age} > 17 | | yes | | | |
| | date | born | Born | | | | | | |
| | select_one area | area | Area | | | | | | |
| | select_multiple place | place | Place | | | | | area=${area} | |
| | calculate | twice | | | | | ${age} * 2 | | |
| | calculate | code | | | | | concat('0', ${age}) | | |
| | calculate | when | | | | | now() | | |
| | calculate | word | | | | | jr:choice-name(${area}, '${area}') | | |
| | begin_repeat | child | Child | | | | | | ${age} |
| | text | name | Name | | | yes | | | |
| | end_repeat | | | | | | | | |
| choices |
| | list_name | name | label | area |
| | area | 1 | One | |
| | area | 2 | Two | |
| | place | 11 | A | 1 |
| | place | 12 | B | 1 |
| | place | 21 | C | 2 |
| settings |
| | form_id | version |
| | f | 1 |
"""
SOUND = {
    "age": "2", "born": "2020-02-29", "area": "1", "place": "11 12", "twice": "4", "code": "02",
    "when": "2026-01-01T08:00:00.000+07:00", "word": "One",
}  # fmt: skip
CLOCK = Clock(datetime(2026, 11, 25, 9))


@pytest.fixture(scope="module")
def rules():
    return compile_rules(
        compile_workbook(FORM.replace("| count |", "| repeat_count |").encode(), file_type=".md")
    )


def slip(children=("An", "Ba"), extra="", **answers: str | None) -> etree._Element:
    given = SOUND | answers
    texts = "".join(f"<{name}>{text}</{name}>" for name, text in given.items() if text is not None)
    repeats = "".join(f"<child><name>{name}</name></child>" for name in children)
    meta = "<meta><instanceID>uuid:1</instanceID><audit>a.csv</audit></meta>"
    return etree.fromstring(f"<data id='f' version='1'>{texts}{repeats}{extra}{meta}</data>")


def found(rules, root) -> list[tuple[str, str, str]]:
    return [(f.code, f.path, f.value) for f in check_slip(rules, root, CLOCK).findings]


def test_a_sound_slip_has_no_findings(rules):
    assert found(rules, slip()) == []


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"age": None, "children": (), "twice": "", "code": "0"}, ("required", "/age", "")),
        ({"why": "x"}, ("not_relevant", "/why", "x")),
        ({"born": "29/02/2020"}, ("wrong_type", "/born", "29/02/2020")),
        ({"born": "2021-02-29"}, ("wrong_type", "/born", "2021-02-29")),
        ({"area": "3", "place": "", "word": ""}, ("choice", "/area", "3")),
        ({"place": "11 21"}, ("choice", "/place", "21")),
        ({"twice": "5"}, ("calculation", "/twice", "5")),
        ({"code": "2"}, ("calculation", "/code", "2")),
        ({"children": ("An", "")}, ("required", "/child[2]/name", "")),
        ({"children": ("An", "Ba", "Tư", "Năm")}, ("repeat_count", "/child[3]", "")),
        ({"extra": "<strange><x>1</x></strange>"}, ("unknown_element", "/strange", "")),
        ({"extra": "<age>3</age>"}, ("repeated_element", "/age", "3")),
        ({"extra": "<child><name>x</name><odd>y</odd></child>", "children": ("An",)},
         ("unknown_element", "/child[2]/odd", "y")),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding_at_its_place(rules, changed, finding):
    assert found(rules, slip(**changed)) == [finding]


def test_the_constraint_and_what_depends_on_the_answer_are_found_together(rules):
    codes = found(rules, slip(age="130", twice="260", code="0130", children=()))

    assert codes == [("constraint", "/age", "130"), ("required", "/why", "")]


@pytest.mark.parametrize("twice", ["4", "4.0", " 4 ", "4.0000000001"])
def test_a_number_may_be_written_in_another_way(rules, twice):
    assert found(rules, slip(twice=twice)) == []


def test_what_another_moment_makes_is_not_compared(rules):
    assert found(rules, slip(when="")) == []


def test_what_is_calculated_is_told_with_what_was_expected(rules):
    [finding] = check_slip(rules, slip(twice="5"), CLOCK).findings

    assert finding.details == {"expected": "4"}


def test_text_of_another_language_is_right(rules):
    both = compile_workbook(
        """
| survey |
| | type | name | label::Tiếng Việt (vi) | label::English (en) | calculation |
| | select_one area | area | Vùng | Area | |
| | calculate | word | | | jr:choice-name(${area}, '${area}') |
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | area | 1 | Một | One |
| settings |
| | form_id | version | default_language |
| | f | 1 | Tiếng Việt (vi) |
""".encode(),
        file_type=".md",
    )
    rules = compile_rules(both)

    def judge(word: str) -> list:
        return found(rules, etree.fromstring(f"<data><area>1</area><word>{word}</word></data>"))

    assert judge("Một") == judge("One") == []
    assert judge("Un") == [("calculation", "/word", "Un")]


def test_findings_are_bounded_and_say_how_many_there_are(rules):
    many = "".join(f"<x{n}/>" for n in range(MAX_FINDINGS + 50))

    findings = check_slip(rules, slip(extra=many), CLOCK).findings

    assert len(findings) == MAX_FINDINGS
    assert (findings[-1].code, findings[-1].details) == ("too_many_findings", {"count": 250})


def test_a_slip_is_right_if_it_is_right_by_any_state_of_the_lists():
    form = compile_workbook(
        b"""
| survey |
| | type | name | label |
| | select_one_from_file places.csv | place | Place |
| settings |
| | form_id | version |
| | f | 1 |
""",
        file_type=".md",
    )
    rules = compile_rules(form)
    old, new = (
        {"places": LookupList(read_list_file("places.csv", f"name,label\n{code},x\n".encode()))}
        for code in ("1", "2")
    )

    def judge(code: str) -> int:
        root = etree.fromstring(f"<data><place>{code}</place></data>")
        return len(check_slip(rules, root, CLOCK, editions=(new, old)).findings)

    assert [judge("1"), judge("2"), judge("3")] == [0, 0, 1]

    def read_slowly():
        for lists in (new, old):
            time.sleep(0.15)
            yield lists

    root = etree.fromstring("<data><place>1</place></data>")
    judged = check_slip(rules, root, CLOCK, editions=read_slowly(), seconds=0.1)
    assert judged.findings == (), "the time that lists take is not the slip's"


def test_a_list_that_is_missing_finds_nothing():
    form = compile_workbook(
        b"""
| survey |
| | type | name | label |
| | select_one_from_file places.csv | place | Place |
| settings |
| | form_id | version |
| | f | 1 |
""",
        file_type=".md",
    )
    assert found(compile_rules(form), etree.fromstring("<data><place>9</place></data>")) == []


def test_checks_of_the_sheet_are_asked_where_their_field_is():
    form = compile_workbook(
        b"""
| survey |
| | type | name | label |
| | integer | most | Most |
| | begin_repeat | child | Child |
| | integer | age | Age |
| | end_repeat |
| settings |
| | form_id | version |
| | f | 1 |
| checks |
| | id | severity | field | relevant | constraint | message |
| | OLD | W | age | ${most} > 0 | . <= ${most} | Older than the oldest |
| | SUM | E | | | count(${child}) > 1 | One child only |
| | ODD | I | child | | ${age} mod 2 = 0 | Odd |
""",
        file_type=".md",
    )
    rules = compile_rules(form)
    root = etree.fromstring(
        "<data><most>4</most><child><age>5</age></child><child><age/></child></data>"
    )

    checked = check_slip(rules, root, CLOCK, checks=compile_checks(rules, form.checks))

    assert [(f.code, f.severity, f.path, f.value) for f in checked.findings] == [
        ("OLD", "W", "/child[1]/age", "5"),
        ("ODD", "I", "/child[1]", ""),
        ("ODD", "I", "/child[2]", ""),
    ]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*/examples/*.xml")), ids=lambda p: p.stem)
def test_the_examples_of_the_shipped_forms_break_no_rule(path):
    folder = path.parents[1]
    form = compile_workbook((folder / f"{folder.name}.xlsx").read_bytes())
    lists = {}
    for instance in form.external_instances:
        own = folder / "examples" / "media" / instance.filename
        file = own if own.exists() else folder / "media" / instance.filename
        lists[instance.id] = LookupList(read_list_file(file.name, file.read_bytes()))
    root = parse_instance(path.read_bytes()).root
    end = datetime.fromisoformat(root.findtext("end")[:19])

    assert check_slip(compile_rules(form, lists), root, Clock(end)).findings == ()
