"""The shipped workbooks are complete in both languages, and their examples are slips of them."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest

from forms.data_classes import DataClass, find_data_class
from forms.definitions import Field, FormDefinition, Kind, Texts
from forms.instances import parse_instance
from forms.xml import local_name
from tests.helpers.examples import (
    EXAMPLES,
    SHIPPED,
    compile_shipped,
    examples_of,
    lists_of,
    workbook_of,
)

LANGUAGES = ("Tiếng Việt (vi)", "English (en)")
COMMUNES = {
    "abuse_report": "child_commune",
    "case_followup": "commune_code",
    "child_situation": "commune_code",
    "commune_plan": "commune_code",
    "village_monthly": "commune_code",
}
CLASSES = {
    "abuse_report": DataClass.CASE,
    "case_followup": DataClass.CASE,
    "child_situation": DataClass.REGISTER,
    "commune_plan": DataClass.PLAN,
    "village_monthly": DataClass.REPORT,
}
NAMELESS = {"abuse_report": r"BC-\d{4}-[0-9a-f]{6}", "case_followup": r"TD-\d+ \d{4}-\d\d-\d\d"}

each_form = pytest.mark.parametrize("workbook", SHIPPED, ids=lambda path: path.stem)
each_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda path: f"{path.parents[1].name}-{path.stem}"
)


def test_the_five_forms_are_there():
    assert [workbook.stem for workbook in SHIPPED] == sorted(CLASSES)


@each_form
def test_a_form_says_what_it_gathers_and_where(workbook):
    form = compile_shipped(workbook)

    assert form.xml_form_id == workbook.stem
    assert find_data_class(form.xml_form_id, form.data_class) is CLASSES[workbook.stem]
    assert form.commune_field == COMMUNES[workbook.stem]
    assert form.find_field(form.commune_field)


@each_form
def test_every_text_of_a_form_is_there_in_both_languages(workbook):
    form = compile_shipped(workbook)

    assert (form.languages, form.default_language) == (LANGUAGES, LANGUAGES[0])
    one_sided = [texts for texts in iter_texts(form) if not all(map(texts.get, LANGUAGES))]
    assert not one_sided


@each_form
def test_every_question_has_a_label_and_every_constraint_a_message(workbook):
    form = compile_shipped(workbook)
    asked = [f for f in form.fields() if f.control or f.kind is not Kind.QUESTION]

    assert not [f.path for f in asked if not f.labels and "/meta" not in f.path]
    assert not [
        f.path for f in form.fields() if f.bind.constraint and not f.bind.constraint_messages
    ]


def test_what_forms_write_to_a_list_is_what_the_list_has():
    written, columns = defaultdict(set), defaultdict(set)
    for workbook in SHIPPED:
        form = compile_shipped(workbook)
        for field in form.fields():
            if field.bind.save_to:
                written[list_of(form, field)].add(field.bind.save_to)
        for name, content in lists_of(workbook).items():
            columns[name.removesuffix(".csv")] |= set(content.decode().splitlines()[0].split(","))

    assert set(written) == {"household", "child", "case"}
    for name, properties in written.items():
        assert properties == columns[name] - {"name", "label", "__version"}, name


def test_no_restricted_group_is_written_to_a_list_that_collaborators_have():
    form = compile_shipped(next(path for path in SHIPPED if path.stem == "case_followup"))
    restricted = [f for f in form.fields() if f.name in ("sc_all", "sc_restricted")]

    assert [f.bind.save_to for f in restricted] == ["", ""]
    assert len(restricted[0].choices) == 15


@each_form
def test_the_examples_of_a_form_go_to_every_place_of_it(workbook):
    slips = [parse_instance(path.read_bytes()).root for path in examples_of(workbook)]
    seen = {path_of(node) for slip in slips for node in slip.iterdescendants()}

    assert len(slips) >= 3
    assert {field.path for field in compile_shipped(workbook).fields()} - seen == set()


@each_example
def test_an_example_is_of_the_current_version_and_has_only_what_the_form_has(example):
    form = compile_shipped(workbook_of(example))

    slip = parse_instance(example.read_bytes())

    assert (slip.xml_form_id, slip.version) == (form.xml_form_id, form.version)
    assert slip.instance_id.startswith("uuid:")
    known = {f.path for f in form.fields()}
    paths = {path_of(node) for node in slip.root.iterdescendants()}
    assert paths <= known


@each_example
def test_an_example_names_choices_that_there_are(example):
    workbook = workbook_of(example)
    form, lists = compile_shipped(workbook), lists_of(workbook)
    slip = parse_instance(example.read_bytes())
    fields = {f.path: f for f in form.fields() if f.is_select}
    chosen = [(fields[p], node.text) for node in slip.root.iter() if (p := path_of(node)) in fields]

    for field, text in chosen:
        codes = text.split() if field.select_multiple and text else [text or ""]
        assert set(codes) <= {"", *codes_of(field, lists)}, field.path


@pytest.mark.parametrize("form", NAMELESS)
def test_slips_of_restricted_forms_have_names_without_names(form):
    examples = [path for path in EXAMPLES if path.parents[1].name == form]

    names = [parse_instance(path.read_bytes()).instance_name for path in examples]

    assert all(re.fullmatch(NAMELESS[form], name) for name in names)


def test_the_age_in_a_report_is_that_on_its_day():
    ages = {}
    for path in EXAMPLES:
        if path.parents[1].name == "abuse_report":
            slip = parse_instance(path.read_bytes())
            born, day = birth_in(slip, path), date.fromisoformat(slip.value("/today"))
            ages[path.stem] = slip.value("/g_child/age_at_report")
            if born:
                age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
                assert ages[path.stem] == str(age)

    assert ages == {"emergency": "12", "little_known": "0", "registered_child": "10"}


def birth_in(slip, path):
    if reference := slip.value("/g_child/child_ref"):
        rows = csv.DictReader(lists_of(workbook_of(path))["child.csv"].decode().splitlines())
        return date.fromisoformat(next(row["dob"] for row in rows if row["name"] == reference))
    text = slip.value("/g_child/child_dob")
    return date.fromisoformat(text) if text else None


def iter_texts(form: FormDefinition) -> Iterator[Texts]:
    """Every text that the form shows, by language; what it never shows is left out."""
    for field in form.fields():
        bind = field.bind
        shown = (field.labels, field.hints, bind.constraint_messages, bind.required_messages)
        yield from (texts for texts in shown if texts)
    for choices in form.lists.values():
        yield from (choice.labels for choice in choices)


def list_of(form: FormDefinition, field: Field) -> str:
    """The list of the innermost container that holds the field."""
    above = [e for e in form.entities if f"{field.path}/".startswith(f"{e.container.rstrip('/')}/")]
    return max(above, key=lambda entity: len(entity.container)).dataset


def codes_of(field: Field, lists: dict[str, bytes]) -> set[str]:
    if field.choices:
        return {choice.value for choice in field.choices}
    rows = csv.DictReader(lists[f"{field.itemset.list_name}.csv"].decode().splitlines())
    return {row["name"] for row in rows}


def path_of(node) -> str:
    names = [local_name(node), *(local_name(above) for above in node.iterancestors())]
    return "/" + "/".join(reversed(names[:-1]))
