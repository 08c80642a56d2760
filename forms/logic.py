"""Check the logic of an XForm: is it XPath, and is there what it names?

Collect reads all of it when it opens a form, so one mistake closes the whole form. Found are wrong
syntax, unknown functions, wrong numbers of arguments, nodes, lists and columns that do not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .errors import ExpressionRefused
from .xml import local_name
from .xpath import Binary, Call, Expression, parse_expression, walk
from .xpath.functions import is_known, nearest_function, wrong_count
from .xpath_nodes import FormNodes

_BIND_COLUMNS = {
    "relevant": "relevant",
    "constraint": "constraint",
    "calculate": "calculation",
    "required": "required",
    "readonly": "read_only",
}
_COMPARISONS = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Logic:
    """One expression of a form: its column on the survey sheet, and the node it belongs to.

    `context` is the absolute path with the root element, "" where the expression has no node.
    """

    text: str
    column: str
    context: str
    is_query: bool = False
    """Of an external select: Collect reads it by itself, from itemsets.csv (openrosa.md §10.2)."""


@dataclass(frozen=True, slots=True)
class LogicProblem:
    """What is wrong with one expression."""

    code: str
    logic: Logic
    details: dict[str, object] = field(default_factory=dict)
    is_error: bool = True
    suggestion: str = ""


def check_logic(
    root: etree._Element, model: etree._Element, primary: etree._Element
) -> Iterator[LogicProblem]:
    """Yield every problem of every expression, in the order of the form."""
    nodes = FormNodes(model, primary)
    for logic in iter_logic(root, model):
        yield from _check(logic, nodes)


def iter_logic(root: etree._Element, model: etree._Element) -> Iterator[Logic]:
    """Yield every expression that is not empty."""
    for bind in (e for e in model if local_name(e) == "bind"):
        for attribute, column in _BIND_COLUMNS.items():
            if text := bind.get(attribute, "").strip():
                yield Logic(text, column, bind.get("nodeset", ""))
    for element in root.iter():
        yield from _of_element(element)


def _of_element(element: etree._Element) -> Iterator[Logic]:
    tag = local_name(element)
    if tag == "setvalue" and element.get("value"):
        column = "calculation" if _control_path(element) else "default"
        yield Logic(element.get("value", ""), column, element.get("ref", ""))
    elif tag == "repeat" and (count := _count(element)):
        yield Logic(count, "repeat_count", element.get("nodeset", ""))
    elif tag == "itemset" and element.get("nodeset"):
        yield Logic(element.get("nodeset", ""), "choice_filter", _control_path(element))
    elif tag == "input" and element.get("query"):
        yield Logic(element.get("query", ""), "choice_filter", element.get("ref", ""), True)
    elif tag == "output" and element.get("value"):
        yield Logic(element.get("value", ""), "label", _control_path(element))


def _count(repeat: etree._Element) -> str:
    found = (v for k, v in repeat.attrib.items() if str(k).rpartition("}")[2] == "count")
    return str(next(found, ""))


def _control_path(element: etree._Element) -> str:
    """The node of the nearest control around; "" in the model and outside all controls."""
    for around in element.iterancestors():
        if path := around.get("ref") or around.get("nodeset"):
            return str(path)
    return ""


def _check(logic: Logic, nodes: FormNodes) -> Iterator[LogicProblem]:
    try:
        expression = parse_expression(logic.text)
    except ExpressionRefused as error:
        rest = logic.text[error.position :].strip()[:30]
        about = {**error.about, "text": logic.text, "rest": rest}
        yield LogicProblem("logic.syntax" if rest else "logic.syntax_end", logic, about)
        return
    for part in walk(expression):
        if isinstance(part, Call):
            yield from _check_call(part, logic)
        elif _is_chain(part):
            yield LogicProblem("logic.chained_comparison", logic, {"text": logic.text})
    if logic.is_query:
        return
    for missing in nodes.iter_missing(expression, logic.context):
        about = {"text": logic.text, "missing": missing.name, "in": missing.place}
        yield LogicProblem(
            f"logic.{missing.code}",
            logic,
            about,
            is_error=missing.code != "no_column",
            suggestion=missing.suggestion,
        )


def _is_chain(part: Expression) -> bool:
    return (
        isinstance(part, Binary)
        and part.operator in _COMPARISONS
        and isinstance(part.left, Binary)
        and part.left.operator in _COMPARISONS
    )


def _check_call(call: Call, logic: Logic) -> Iterator[LogicProblem]:
    if not is_known(call.name):
        nearest = nearest_function(call.name)
        yield LogicProblem(
            "logic.unknown_function",
            logic,
            {"name": call.name},
            is_error=False,
            suggestion=f"{nearest}()" if nearest else "",
        )
    elif wanted := wrong_count(call.name, len(call.arguments)):
        about = {"name": call.name, "wanted": wanted, "given": len(call.arguments)}
        yield LogicProblem("logic.arguments", logic, about)
