"""Evaluate single expressions over the nodes of a recorded question."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from forms.definitions import Bind, Field, FormDefinition, Kind
from forms.evaluation import Clock, Evaluation, compile_rules
from forms.evaluation.answers import write_answer
from forms.evaluation.compiling import compile_expression
from forms.evaluation.frames import Frame
from forms.evaluation.numbers import format_double
from forms.evaluation.scopes import FormFacts, read_facts
from forms.evaluation.values import Value, item_values, to_text, unpack
from forms.xpath import parse_expression

from . import verdicts
from .verdicts import Question

NOW = datetime(2026, 11, 23, 9, 30)
_XFORM = b'<html><head><model><instance><data id="f"/></instance></model></head><body/></html>'
_TYPES: dict[type, str] = {str: "string", float: "number", bool: "boolean", datetime: "date"}


def open_question(question: Question) -> tuple[FormFacts, Evaluation]:
    """Equal names are the instances of a repeat."""
    data = etree.Element("data")
    for name, _, text in question.nodes:
        etree.SubElement(data, name).text = text
    names = [name for name, _, _ in question.nodes]
    kinds = {name: kind for name, kind, _ in question.nodes}
    fields = tuple(_field(name, kinds[name], names.count(name)) for name in kinds)
    root = Field("", Kind.GROUP, children=fields)
    form = FormDefinition(_XFORM, "f", "2026.1", "f", (), "", root)
    clock = Clock(NOW, ZoneInfo(question.zone))
    return read_facts(form, (), {}), compile_rules(form).open(data, clock)


def evaluate(question: Question) -> verdicts.Value:
    """Raise NotSupported, NotEvaluated or ExpressionRefused where there is no value."""
    facts, evaluation = open_question(question)
    node, names = evaluation.root, ()
    if question.at:
        names = (question.at,)
        node = (evaluation.root.children or {})[question.at][0]
    compiled = compile_expression(parse_expression(question.expression), facts, names)
    return describe(compiled(Frame(evaluation, node, node)), evaluation.clock)


def describe(value: Value, clock: Clock) -> verdicts.Value:
    if isinstance(value, list):
        texts = [to_text(item) for item in item_values(value)]
        return verdicts.Value("nodeset", texts)
    exact = format_double(value) if isinstance(value, float) else None
    written = write_answer(unpack(value), "string", clock) or None
    return verdicts.Value(_TYPES[type(value)], to_text(value), exact, written)


def _field(name: str, kind: str, count: int) -> Field:
    is_select = kind in ("select", "select1")
    return Field(
        f"/{name}",
        Kind.REPEAT if count > 1 else Kind.QUESTION,
        Bind(type="string" if is_select else kind),
        control=kind if is_select else "input",
        select_multiple=kind == "select",
    )
