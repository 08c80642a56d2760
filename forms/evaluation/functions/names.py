"""Names of choices, translations, files of values, and what only the phone knows."""

from __future__ import annotations

import re
import secrets
import string
import uuid
from collections.abc import Callable
from dataclasses import replace

from forms.definitions import Field, Itemset
from forms.errors import NotEvaluated, NotSupported
from forms.xpath import Expression, Text, parse_expression

from ..frames import Compiled, Frame, find_list
from ..lists import Row
from ..lookups import FindRows, compile_rows
from ..paths import absolute_names
from ..scopes import Names, Scope
from ..trees import Node
from ..values import Value, require_nodes, to_index, to_text
from .kinds import Framed, Function, Special

_MAX_LENGTH = 10_000
_ITEXT = re.compile(r"jr:itext\(\s*([\w.:-]+)\s*\)")
Label = Callable[[Frame, str], str]


def _choice_name(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    """The label of a choice in the slip's language; "" where the value is none of the choices."""
    value = scope.compile(arguments[0], scope)
    path = _question(arguments[1])
    names = absolute_names(path, scope)
    field = scope.facts.require_field(names)
    if not field.is_select:
        raise NotSupported("unsupported.choice_name_question")
    label = _label_among_items(field)
    if field.itemset is not None:
        rows = _offered(field.itemset, names, scope)
        label = _label_in_list(field.itemset, scope.compile(path, scope), rows, scope)
    return lambda frame: label(frame, to_text(value(frame)))


def _question(expression: Expression) -> Expression:
    """The path that the quotes hold: `'/data/sex'`, `' ../sex '`."""
    if not isinstance(expression, Text):
        raise NotSupported("unsupported.choice_name_quotes")
    return parse_expression(expression.value)


def _label_among_items(field: Field) -> Label:
    labels = {choice.value: choice.labels for choice in field.choices}

    def find(frame: Frame, value: str) -> str:
        return labels.get(value, {}).get(frame.answers.language, "")

    return find


def _offered(itemset: Itemset, names: Names, scope: Scope) -> FindRows:
    """What is offered where the question stands, not where its name is asked for."""
    predicates = (parse_expression(itemset.filter),) if itemset.filter else ()
    there = replace(scope, context=names, current=names)
    return compile_rows(itemset.list_name, predicates, there)


def _label_in_list(itemset: Itemset, question: Compiled, rows: FindRows, scope: Scope) -> Label:
    label = _label_of_row(itemset.label_column, scope)

    def find(frame: Frame, value: str) -> str:
        at = require_nodes(question(frame))
        node = at[0] if at and isinstance(at[0], Node) else frame.node
        for row in rows(Frame(frame.answers, node, node)) if value else ():
            if row.get(itemset.value_column) == value:
                return label(row, frame.answers.language)
        return ""

    return find


def _label_of_row(column: str, scope: Scope) -> Callable[[Row, str], str]:
    match = _ITEXT.fullmatch(column.strip())
    if match is None:
        return lambda row, _: row.get(column, "")
    text_id, texts = match[1], scope.facts.texts
    return lambda row, language: texts.get(row.get(text_id, ""), {}).get(language, "")


def _itext(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    value, texts = scope.compile(arguments[0], scope), scope.facts.texts

    def evaluate(frame: Frame) -> str:
        text_id = to_text(value(frame))
        return texts.get(text_id, {}).get(frame.answers.language, f"[itext:{text_id}]")

    return evaluate


def _pulldata(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    """The column of the first row whose key is the value; "" where there is none."""
    if not isinstance(arguments[0], Text):
        raise NotSupported("unsupported.pulldata_quotes")
    name = arguments[0].value.removesuffix(".csv")
    if name not in scope.facts.lists:
        raise NotSupported("unsupported.no_file", file=f"{name}.csv")
    column, key, value = (scope.compile(a, scope) for a in arguments[1:])

    def evaluate(frame: Frame) -> str:
        sought = to_text(value(frame))
        rows = find_list(frame, name).find(to_text(key(frame)), sought) if sought else ()
        return rows[0].get(to_text(column(frame)), "") if rows else ""

    return evaluate


def _version(_: tuple[Expression, ...], scope: Scope) -> Compiled:
    version = scope.facts.definition.version
    return lambda _: version


def _only_on_the_phone(_: tuple[Expression, ...], __: Scope) -> Compiled:
    raise NotSupported("unsupported.only_phone")


def _uuid(_: Frame, length: Value | None = None) -> str:
    if length is None:
        return str(uuid.uuid4())
    count = to_index(length)
    if count > _MAX_LENGTH:
        raise NotEvaluated(f"uuid() of {count} letters")
    letters = string.ascii_uppercase + string.digits
    return "".join(secrets.choice(letters) for _ in range(count))


def _random(_: Frame) -> float:
    return secrets.randbelow(2**53) / 2**53


FUNCTIONS: dict[str, Function] = {
    "extract-signed": Special(_only_on_the_phone, 2),
    "jr:choice-name": Special(_choice_name, 2),
    "jr:itext": Special(_itext, 1),
    "property": Special(_only_on_the_phone, 1),
    "pulldata": Special(_pulldata, 4),
    "random": Framed(_random, 0),
    "uuid": Framed(_uuid, 0, 1),
    "version": Special(_version, 0),
}
