"""Checks that a designer declares beside the form, made ready and asked (docs/checks.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.declared_checks import DeclaredCheck
from forms.definitions import FormDefinition
from forms.errors import NotEvaluated
from forms.evaluation import (
    Compiled,
    Evaluation,
    FormRules,
    Node,
    is_answered,
    to_boolean,
)

from .findings import Finding, make_finding

_REFERENCE = re.compile(r"\$\{\s*([^}]+?)\s*\}")


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    """A check made ready once for each form version."""

    declared: DeclaredCheck
    relevant: Compiled | None
    constraint: Compiled | None

    def nodes(self, evaluation: Evaluation) -> list[Node]:
        """Where it is to be asked: what is relevant; of questions, as of a constraint, answers."""
        return [
            node
            for node in evaluation.nodes_at(self.declared.path)
            if (node.shape.children or is_answered(node))
            and _is_relevant(node, evaluation)
            and self._asks(node, evaluation)
        ]

    def _asks(self, node: Node, evaluation: Evaluation) -> bool:
        try:
            return self.relevant is None or to_boolean(evaluation.ask(self.relevant, node))
        except NotEvaluated:
            return False


def compile_checks(
    rules: FormRules, declared: Sequence[DeclaredCheck]
) -> tuple[CompiledCheck, ...]:
    """Raise ExpressionRefused or NotSupported for an expression that cannot be evaluated."""
    return tuple(
        CompiledCheck(
            check,
            compile_at(rules, check.path, check.relevant),
            compile_at(rules, check.path, check.constraint),
        )
        for check in declared
    )


def compile_at(rules: FormRules, path: str, text: str) -> Compiled | None:
    """None for no text; KeyError for a `${name}` that the form does not have."""
    if not text.strip():
        return None
    return rules.compile(resolve_references(text, rules.definition), path)


def resolve_references(text: str, definition: FormDefinition) -> str:
    """`${name}` → the absolute path of the one field of that name."""
    paths = {f.name: f.path for f in definition.fields()}
    return _REFERENCE.sub(lambda match: f"/data{paths[match[1]]}", text)


def run_expressions(checks: Sequence[CompiledCheck], evaluation: Evaluation) -> Iterator[Finding]:
    """The findings of all checks that are an expression."""
    for check in checks:
        if check.constraint is None:
            continue
        for node in check.nodes(evaluation):
            if not _holds(check.constraint, node, evaluation):
                declared = check.declared
                yield make_finding(declared.id, declared.severity, node.path, node.text)


def _holds(constraint: Compiled, node: Node, evaluation: Evaluation) -> bool:
    try:
        return to_boolean(evaluation.ask(constraint, node))
    except NotEvaluated:
        return True


def _is_relevant(node: Node, evaluation: Evaluation) -> bool:
    try:
        return evaluation.is_relevant(node)
    except NotEvaluated:
        return False
