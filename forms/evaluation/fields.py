"""The rules of one field: expressions as the form has them → functions, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import NoReturn

from forms.definitions import Field
from forms.errors import ExpressionRefused, NotEvaluated, NotSupported, Unusable
from forms.xpath import parse_expression

from .compiling import compile_expression, compile_itemset
from .frames import Compiled, Frame, find_list
from .functions import is_translated, is_volatile
from .scopes import FormFacts, Names

FindCodes = Callable[[Frame], Collection[str]]


class RuleKind(StrEnum):
    """What a rule decides."""

    RELEVANT = "relevant"
    REQUIRED = "required"
    READONLY = "readonly"
    CONSTRAINT = "constraint"
    CALCULATE = "calculate"
    CHOICES = "choices"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class UnsupportedRule:
    """A rule of the form that is never evaluated, and why.

    `reason` is in English; `about` are the details of a problem that says it as `{why}`.
    """

    path: str
    kind: RuleKind
    reason: str
    about: Mapping[str, object] = field(hash=False)


@dataclass(slots=True)
class FieldRules:
    """The rules of one field, None where it has none; what is not supported raises when asked.

    A calculation is `volatile` if another moment or chance gives another value, `translated` if
    another language does.
    """

    declared: Field
    relevant: Compiled | None = None
    required: Compiled | None = None
    readonly: Compiled | None = None
    constraint: Compiled | None = None
    calculate: Compiled | None = None
    count: Compiled | None = None
    offered: FindCodes | None = None
    whole_list: tuple[str, str] | None = None
    """(list, column) of a select that offers one of all rows."""
    is_volatile: bool = False
    is_translated: bool = False
    unsupported: list[UnsupportedRule] = field(default_factory=list)

    def refuse(self, kind: RuleKind, error: Unusable) -> Callable[[Frame], NoReturn]:
        """A rule that is never evaluated."""
        rule = UnsupportedRule(self.declared.path, kind, error.reason, error.about)
        self.unsupported.append(rule)
        return partial(_refuse, rule.reason)


def compile_field(declared: Field, facts: FormFacts, names: Names) -> FieldRules:
    rules = FieldRules(declared)
    compile_text = _Compiler(rules, facts, names).compile
    bind = declared.bind
    rules.relevant = compile_text(RuleKind.RELEVANT, bind.relevant)
    rules.required = compile_text(RuleKind.REQUIRED, bind.required)
    rules.readonly = compile_text(RuleKind.READONLY, bind.readonly)
    rules.constraint = compile_text(RuleKind.CONSTRAINT, bind.constraint)
    rules.calculate = compile_text(RuleKind.CALCULATE, bind.calculate)
    above = _Compiler(rules, facts, names[:-1])
    rules.count = above.compile(RuleKind.COUNT, declared.count)
    try:
        rules.offered = _compile_choices(declared, facts, names)
        rules.whole_list = _find_whole_list(declared)
    except (ExpressionRefused, NotSupported) as error:
        rules.offered = rules.refuse(RuleKind.CHOICES, error)
    return rules


@dataclass(frozen=True, slots=True)
class _Compiler:
    rules: FieldRules
    facts: FormFacts
    names: Names

    def compile(self, kind: RuleKind, text: str) -> Compiled | None:
        if not text.strip():
            return None
        try:
            expression = parse_expression(text)
            compiled = compile_expression(expression, self.facts, self.names)
        except (ExpressionRefused, NotSupported) as error:
            return self.rules.refuse(kind, error)
        if kind is RuleKind.CALCULATE:
            self.rules.is_volatile = is_volatile(expression)
            self.rules.is_translated = is_translated(expression)
        return compiled


def _refuse(reason: str, _: Frame) -> NoReturn:
    raise NotEvaluated(reason)


def _find_whole_list(declared: Field) -> tuple[str, str] | None:
    itemset = declared.itemset
    if itemset is None or itemset.filter or declared.select_multiple:
        return None
    return itemset.list_name, itemset.value_column


def _compile_choices(declared: Field, facts: FormFacts, names: Names) -> FindCodes | None:
    if not declared.is_select:
        return None
    if "search(" in declared.appearance:
        raise NotSupported("unsupported.search")
    itemset = declared.itemset
    if itemset is None:
        if not declared.choices:
            raise NotSupported("unsupported.no_choices")
        codes = frozenset(choice.value for choice in declared.choices)
        return lambda _: codes
    name, column = itemset.list_name, itemset.value_column
    find = compile_itemset(itemset, facts, names)
    if not itemset.filter:
        return lambda frame: find_list(frame, name).values(column)
    return lambda frame: [row.get(column, "") for row in find(frame)]
