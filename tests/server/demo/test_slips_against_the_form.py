"""Slips are what the workbook would make of the answers: nodes, rules, codes and calculations."""

import re
from collections.abc import Iterator
from copy import deepcopy
from csv import DictReader
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isnan
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree
from pyxform.xls2xform import convert

from server.demo import Village, iter_slips

FOLDER = Path(__file__).parents[3] / "xlsforms" / "child_situation"
WORKBOOK = FOLDER / "child_situation.xlsx"
XFORMS = "{http://www.w3.org/2002/xforms}"


@dataclass(frozen=True, slots=True)
class Bind:
    """A bind at one node of one filled form; attribute is set for those of meta/entity."""

    node: etree._Element
    attribute: str | None
    rules: dict[str, str]
    asked: bool

    @property
    def value(self) -> str:
        found = self.node.get(self.attribute) if self.attribute else self.node.text
        return found or ""

    def compute(self, expression: str) -> str | float | bool:
        return compile_xpath(expression, of_attribute=bool(self.attribute))(
            self.node, here=[self.node]
        )


@pytest.fixture(scope="module")
def xform():
    return etree.fromstring(convert(WORKBOOK).xform.encode())


@pytest.fixture(scope="module")
def villages():
    with (FOLDER / "media" / "villages.csv").open(encoding="utf-8-sig", newline="") as rows:
        return [
            Village(row["name"], row["label"], row["commune_code"], row["legacy_commune_code"])
            for row in DictReader(rows)
        ]


@pytest.fixture(scope="module")
def slips(xform, villages):
    version = xform.find(f".//{XFORMS}data").get("version")
    slips = iter_slips(villages, count=400, seed=3, version=version, today=date(2026, 11, 23))
    return [etree.fromstring(slip) for slip in slips]


@pytest.fixture(scope="module")
def binds(xform, villages, slips):
    blank, labels = read_blank_form(xform), {village.code: village for village in villages}
    return [bind for slip in slips for bind in iter_binds(xform, fill_in(blank, labels, slip))]


def test_the_root_is_that_of_the_form(xform, slips):
    root = xform.find(f".//{XFORMS}data")
    prefixes = {prefix: uri for prefix, uri in xform.nsmap.items() if prefix}

    assert all(dict(slip.attrib) == dict(root.attrib) for slip in slips)
    assert all(slip.nsmap == prefixes for slip in slips)


def test_nodes_are_those_of_the_form_in_its_order(xform, slips):
    blank = read_blank_form(xform)

    for slip in slips:
        form = lay_over(blank, slip)

        assert [node.tag for node in slip.iter()] == [
            node.tag for node in form.iter() if node.get("asked")
        ]


def test_exactly_the_relevant_questions_are_there(binds):
    wrong = {path_of(bind.node) for bind in binds if bind.asked != is_relevant(bind)}

    assert not wrong


def test_required_questions_are_answered(binds):
    required = [bind for bind in binds if bind.asked and bind.rules.get("required") == "true()"]

    assert not {path_of(bind.node) for bind in required if not bind.value}


def test_answers_keep_the_constraints(binds):
    answered = [bind for bind in binds if bind.value and "constraint" in bind.rules]

    assert not {
        (path_of(bind.node), bind.value)
        for bind in answered
        if not bind.compute(bind.rules["constraint"])
    }


def test_calculations_are_what_the_form_would_compute(binds):
    calculated = [bind for bind in binds if bind.asked and "calculate" in bind.rules]

    assert not {
        (path_of(bind.node), bind.attribute, bind.value)
        for bind in calculated
        if bind.value != write_value(bind.compute(bind.rules["calculate"]))
    }


def test_numbers_and_dates_are_of_their_type(binds):
    patterns = {
        "int": r"\d+",
        "date": r"\d{4}-\d\d-\d\d",
        "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00",
        "geopoint": r"\d\d\.\d+ \d{3}\.\d+ \d+\.\d+ \d+\.\d+",
    }
    typed = [bind for bind in binds if bind.value and bind.rules.get("type") in patterns]

    assert not {
        bind.value for bind in typed if not re.fullmatch(patterns[bind.rules["type"]], bind.value)
    }


def test_codes_are_among_the_choices(slips):
    for name, codes in read_selects().items():
        chosen = {
            code for slip in slips for node in slip.iter(name) for code in (node.text or "").split()
        }
        assert chosen <= codes, name


# The form, laid over the slip: the nodes that the slip left out are there too, blank.


def read_blank_form(xform):
    return strip_namespaces(xform.find(f".//{XFORMS}data"))


def strip_namespaces(node):
    plain = etree.Element(etree.QName(node).localname)
    for child in node:
        if not any(name.endswith("}template") for name in child.attrib):
            plain.append(strip_namespaces(child))
    return plain


def fill_in(blank, villages, slip):
    form = lay_over(blank, slip)
    village = villages[slip.findtext("g_visit/village_code")]
    item = etree.SubElement(etree.SubElement(etree.SubElement(form, "secondary"), "root"), "item")
    etree.SubElement(item, "name").text = village.code
    etree.SubElement(item, "label").text = village.label
    etree.SubElement(item, "legacy_commune_code").text = village.legacy_commune_code
    return form


def lay_over(blank, slip):
    form = deepcopy(blank)
    repeat = form.find("rep_child")
    for _ in slip.findall("rep_child"):
        repeat.addprevious(deepcopy(repeat))
    form.remove(repeat)
    copy_answers(form, slip)
    return form


def copy_answers(node, answer):
    node.set("asked", "yes")
    node.text = answer.text
    for name, value in answer.attrib.items():
        node.set(name, value)
    places = iter(node)
    for child in answer:
        copy_answers(next(place for place in places if place.tag == child.tag), child)


def iter_binds(xform, form) -> Iterator[Bind]:
    for rule in xform.iter(f"{XFORMS}bind"):
        path, _, attribute = rule.get("nodeset").partition("/@")
        rules = {etree.QName(name).localname: value for name, value in rule.attrib.items()}
        for node in form.getroottree().xpath(path):
            yield Bind(node, attribute or None, rules, asked=bool(node.get("asked")))


def is_relevant(bind):
    above = next(bind.node.iterancestors(), None)
    if above is not None and not above.get("asked"):
        return False
    return bool(bind.compute(bind.rules.get("relevant", "true()")))


def path_of(node):
    return node.getroottree().getpath(node)


# XPath as JavaRosa knows it, as far as this form needs it.


@cache
def compile_xpath(expression, *, of_attribute):
    if of_attribute:  # lxml has no attribute as the context: its parent stands one step higher
        expression = re.sub(r"(?<![\w/.])\.\./", "", expression).replace("current()/../", "$here/")
    expression = expression.replace("current()", "$here")
    expression = expression.replace(". <= today()", "days(.) <= days(today())")
    return etree.XPath(expression, extensions=FUNCTIONS)


def as_text(value: Any) -> str:
    if isinstance(value, list):
        return (value[0].text or "") if value else ""
    return write_value(value)


def write_value(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return "" if isnan(value) else str(int(value))
    return value if isinstance(value, str) else as_text(value)


def instance(context, name):
    return context.context_node.getroottree().findall("secondary") if name == "villages" else []


def format_date(_, value, pattern):
    text = as_text(value)
    return date.fromisoformat(text).strftime(pattern) if text else ""


FUNCTIONS = {
    (None, "if"): lambda _, condition, yes, no: as_text(yes if condition else no),
    (None, "int"): lambda _, number: float(int(number)),
    (None, "substr"): lambda _, text, first, end: as_text(text)[int(first) : int(end)],
    (None, "coalesce"): lambda _, first, second: as_text(first) or as_text(second),
    (None, "once"): lambda context, _: context.context_node.text or "",
    (None, "uuid"): lambda _: "",
    (None, "now"): lambda _: "",
    (None, "today"): lambda context: context.context_node.getroottree().findtext("today"),
    (None, "days"): lambda _, day: date.fromisoformat(as_text(day)).toordinal(),
    (None, "format-date"): format_date,
    (None, "format-date-time"): lambda *_: "",
    (None, "selected"): lambda _, chosen, code: as_text(code) in as_text(chosen).split(),
    (None, "count-selected"): lambda _, chosen: len(as_text(chosen).split()),
    (None, "regex"): lambda _, text, pattern: bool(re.fullmatch(pattern, as_text(text))),
    (None, "instance"): instance,
}


def read_selects():
    """Names of the select questions of the workbook, with their codes; open ones where filtered."""
    workbook = openpyxl.load_workbook(WORKBOOK, read_only=True)
    codes: dict[str, set[str]] = {}
    for row in read_rows(workbook["choices"]):
        if row.get("open") not in ("0", 0):
            codes.setdefault(row["list_name"], set()).add(row["name"])
    selects = (row for row in read_rows(workbook["survey"]) if row["type"])
    return {
        row["name"]: codes[row["type"].split()[1]]
        for row in selects
        if row["type"].startswith(("select_one ", "select_multiple "))
    }


def read_rows(sheet):
    header, *rows = sheet.iter_rows(values_only=True)
    for row in rows:
        yield {name: cell for name, cell in zip(header, row, strict=True) if name}
