"""The rules of one form version, compiled once, and what they say of one submitted instance.

A rule that cannot be compiled is listed in `FormRules.unsupported`; asked for, it raises
NotEvaluated, as does a rule that JavaRosa itself would stop at in this slip. Nothing is guessed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from copy import copy

from lxml import etree

from forms.definitions import Field, FormDefinition
from forms.errors import NotEvaluated, TooMuchWork
from forms.xpath import parse_expression

from .answers import choose_reader, write_answer
from .compiling import compile_expression
from .fields import FieldRules, UnsupportedRule, compile_field
from .frames import Compiled, Frame
from .lists import LookupList, read_lists
from .moments import Clock
from .patterns import Matches
from .points import parse_points
from .scopes import FormFacts, Names, read_facts
from .trees import Node, Shape, grow
from .values import Atom, Value, to_boolean, to_number, unpack

_MAX_DEPTH = 40
_MAX_COUNT = 1e9


class FormRules:
    """Made once for each form version; holds nothing of any slip."""

    def __init__(
        self, definition: FormDefinition, facts: FormFacts, lists: Mapping[str, LookupList]
    ) -> None:
        self.definition = definition
        self.facts = facts
        self.lists = lists
        self.fields: list[FieldRules] = []
        self.shape = self._read(definition.root, facts, (), is_steady=True)

    @property
    def unsupported(self) -> list[UnsupportedRule]:
        return [rule for rules in self.fields for rule in rules.unsupported]

    def open(
        self,
        root: etree._Element,
        clock: Clock,
        *,
        lists: Mapping[str, LookupList] | None = None,
        language: str | None = None,
        seconds: float = math.inf,
    ) -> Evaluation:
        """`lists` stand for those of the same names that the rules were compiled with.

        Raise TooMuchWork for a slip that is too large, or (then and later) after `seconds`.
        """
        merged = {**self.lists, **lists} if lists else self.lists
        spoken = self.definition.default_language if language is None else language
        return Evaluation(self, root, clock, merged, spoken, time.monotonic() + seconds)

    def compile(self, text: str, path: str) -> Compiled:
        """An expression of somebody else's, asked at a field; raise NotSupported or
        ExpressionRefused where it cannot be.
        """
        names = tuple(path.strip("/").split("/")) if path else ()
        return compile_expression(parse_expression(text), self.facts, names)

    def _read(self, declared: Field, facts: FormFacts, names: Names, *, is_steady: bool) -> Shape:
        rules = compile_field(declared, facts, names)
        self.fields.append(rules)
        reader = choose_reader(declared) if not declared.children else None
        shape = Shape(rules, reader, is_steady=is_steady and rules.relevant is None)
        shape.children = tuple(
            self._read(child, facts, (*names, child.name), is_steady=shape.is_steady)
            for child in declared.children
        )
        return shape


class Evaluation:
    """The rules over one instance; its values are never touched."""

    def __init__(
        self,
        rules: FormRules,
        root: etree._Element,
        clock: Clock,
        lists: Mapping[str, LookupList],
        language: str,
        deadline: float,
    ) -> None:
        self._rules = rules
        self._deadline = deadline
        self.clock = clock
        self.lists = lists
        self.language = language
        self.stuck: set[tuple[Matches, str]] = set()
        self._deciding: set[Node] = set()
        self._grown = grow(rules.shape, root, self)
        self.root = self._grown.root
        self._decide_in_order(self._grown.undecided)

    def nodes(self) -> Sequence[Node]:
        """All nodes but the root, in form order; also those that were not sent."""
        return self._grown.nodes

    def strangers(self) -> Sequence[tuple[Node, etree._Element]]:
        """Elements that the form does not have there, or not twice, by the node they are in."""
        return self._grown.strangers

    def close(self) -> None:
        """Let go of the nodes, which hold each other: the memory of a slip is free at once."""
        for node in self._grown.nodes:
            node.parent = node.children = None
        self._grown.root.children = None
        self._grown.nodes.clear()

    def nodes_at(self, path: str) -> list[Node]:
        """Every node of a field, in order; the root for ""."""
        nodes = [self.root]
        for name in path.strip("/").split("/") if path else ():
            nodes = [child for node in nodes for child in (node.children or {}).get(name, ())]
        return nodes

    def ask(self, compiled: Compiled, node: Node) -> Value:
        """What an expression is worth at a node."""
        return compiled(Frame(self, node, node))

    def rules(self, node: Node) -> FieldRules:
        return node.shape.rules

    def relevant(self, node: Node) -> bool:
        """True if neither the node nor anything above it is switched off."""
        known = node.is_relevant
        if known is None:
            rule = node.shape.rules.relevant
            known = node.parent is None or self.relevant(node.parent)
            if known and rule is not None:
                known = self._decide(rule, node)
            node.is_relevant = known
        return known

    is_relevant = relevant

    def is_required(self, node: Node) -> bool:
        rule = node.shape.rules.required
        return rule is not None and to_boolean(rule(Frame(self, node, node)))

    def is_readonly(self, node: Node) -> bool:
        rule = node.shape.rules.readonly
        return rule is not None and to_boolean(rule(Frame(self, node, node)))

    def satisfies_constraint(self, node: Node) -> bool:
        """True where there is no value: only answers are checked."""
        rule = node.shape.rules.constraint
        if rule is None or not is_answered(node):
            return True
        return to_boolean(rule(Frame(self, node, node)))

    def calculated(self, node: Node) -> str | None:
        """What Collect would have written; None for what is not calculated."""
        value = self.compute(node)
        if value is None:
            return None
        return write_answer(value, node.shape.rules.declared.bind.type, self.clock)

    def allowed_count(self, node: Node) -> int | None:
        """How many instances of this repeat the form makes; None where people add them."""
        rule, parent = node.shape.rules.count, node.parent
        if rule is None or parent is None:
            return None
        count = to_number(rule(Frame(self, parent, parent)))
        return 0 if math.isnan(count) else max(0, int(min(count, _MAX_COUNT)))

    def speaking(self, language: str) -> Evaluation:
        """The same over the same nodes, on a phone in another language."""
        other = copy(self)
        other.language = language
        return other

    @property
    def languages(self) -> tuple[str, ...]:
        return self._rules.definition.languages

    def compute(self, node: Node) -> Atom | None:
        """The value of the calculation, before it is written into its node."""
        rule = node.shape.rules.calculate
        return None if rule is None else unpack(rule(Frame(self, node, node)))

    def offered_choices(self, node: Node) -> Collection[str] | None:
        """The codes that the question offered; None if it has no choices."""
        offered = node.shape.rules.offered
        return None if offered is None else offered(Frame(self, node, node))

    def require_time(self) -> None:
        """Raise TooMuchWork where the time is over: rules over all of many repeats take it."""
        if time.monotonic() > self._deadline:
            raise TooMuchWork

    def _decide_in_order(self, undecided: list[Node]) -> None:
        """So that no chain of questions, each asked after the one before, is a deep recursion."""
        for node in undecided:
            above = node.parent.is_relevant if node.parent is not None else True
            if above is not None and (not above or node.shape.rules.relevant is None):
                node.is_relevant = above
                continue
            self.require_time()
            with suppress(NotEvaluated):  # raised again when somebody asks
                self.relevant(node)

    def _decide(self, rule: Compiled, node: Node) -> bool:
        if node in self._deciding:
            raise NotEvaluated(f"the relevance of {node.shape.path} depends on itself")
        if len(self._deciding) >= _MAX_DEPTH:
            raise NotEvaluated("more questions depend on each other than can be followed")
        self._deciding.add(node)
        try:
            return to_boolean(rule(Frame(self, node, node)))
        finally:
            self._deciding.discard(node)


def compile_rules(
    definition: FormDefinition, lists: Mapping[str, LookupList] | None = None
) -> FormRules:
    """`lists` are the form's files by instance id; those inside the form are read from it."""
    own, texts = read_lists(definition)
    everything = {**own, **(lists or {})}
    facts = read_facts(definition, everything, texts)
    return FormRules(definition, facts, everything)


def is_answered(node: Node) -> bool:
    """True if the text is a value of its type; a point of zeros reads as nothing, but is one."""
    if node.value != "" or not node.text:
        return node.value != ""
    kind = node.shape.rules.declared.bind.type
    return kind.startswith("geo") and parse_points(node.text) is not None
