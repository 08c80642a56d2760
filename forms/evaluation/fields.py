"""The rules of one field: expressions as the form has them → functions, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from forms.definitions import Bind, Field
from forms.errors import ExpressionRefused, NotSupported
from forms.xpath import parse_expression

from .compiling import compile_expression, compile_itemset
from .frames import Compiled
from .functions import is_translated, is_volatile
from .lookups import FindRows
from .scopes import FormFacts, Names


class RuleKind(StrEnum):
    """What a rule decides."""

    RELEVANT = "relevant"
    REQUIRED = "required"
    READONLY = "readonly"
    CONSTRAINT = "constraint"
    CALCULATE = "calculate"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class UnsupportedRule:
    """A rule of the form that is never evaluated, and why."""

    path: str
    kind: RuleKind
    reason: str


@dataclass(slots=True)
class FieldRules:
    """The rules of one field; a kind that is in neither dict has no rule.

    A calculation is `volatile` if another moment or chance gives another value, `translated` if
    another language does.
    """

    declared: Field
    compiled: dict[RuleKind, Compiled] = field(default_factory=dict)
    reasons: dict[RuleKind, str] = field(default_factory=dict)
    offered: FindRows | None = None
    is_volatile: bool = False
    is_translated: bool = False

    @property
    def decides_relevance(self) -> bool:
        return RuleKind.RELEVANT in self.compiled or RuleKind.RELEVANT in self.reasons


def compile_field(declared: Field, facts: FormFacts, names: Names) -> FieldRules:
    rules = FieldRules(declared)
    for kind, text in _expressions(declared.bind):
        if not text.strip():
            continue
        try:
            expression = parse_expression(text)
            rules.compiled[kind] = compile_expression(expression, facts, names)
        except (ExpressionRefused, NotSupported) as error:
            rules.reasons[kind] = error.reason
            continue
        if kind is RuleKind.CALCULATE:
            rules.is_volatile = is_volatile(expression)
            rules.is_translated = is_translated(expression)
    try:
        rules.offered = _compile_choices(declared, facts, names)
    except (ExpressionRefused, NotSupported) as error:
        rules.reasons[RuleKind.CHOICES] = error.reason
    return rules


def _expressions(bind: Bind) -> Iterator[tuple[RuleKind, str]]:
    yield RuleKind.RELEVANT, bind.relevant
    yield RuleKind.REQUIRED, bind.required
    yield RuleKind.READONLY, bind.readonly
    yield RuleKind.CONSTRAINT, bind.constraint
    yield RuleKind.CALCULATE, bind.calculate


def _compile_choices(declared: Field, facts: FormFacts, names: Names) -> FindRows | None:
    """None where the choices stand in the question itself."""
    if not declared.is_select:
        return None
    if "search(" in declared.appearance:
        raise NotSupported("choices that search() takes from a file")
    if declared.itemset is None:
        if not declared.choices:
            raise NotSupported("choices that are not the rows of a list")
        return None
    return compile_itemset(declared.itemset, facts, names)
