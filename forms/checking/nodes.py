"""The rules of one node: its relevance, type, choices, constraint, calculation and count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from forms.declared_checks import Severity
from forms.definitions import Kind
from forms.errors import NotEvaluated
from forms.evaluation import Evaluation, LookupList, Node

from .answers import has_its_type, is_same_answer
from .findings import Finding, make_finding

_ASKED = frozenset({"input", "select", "select1", "rank", "upload", "range", "trigger"})


def is_worth_asking(node: Node, lists: Mapping[str, LookupList]) -> bool:
    """Most nodes have no answer, no rule, or only an answer that is right at a glance."""
    shape = node.shape
    if not node.text:
        return shape.may_be_missing or shape.is_repeat
    if not node.is_relevant or shape.choices_alone is None:
        return shape.may_be_wrong or not node.is_relevant
    name, column = shape.choices_alone
    return name not in lists or node.text not in lists[name].values(column)


def check_node(node: Node, evaluation: Evaluation) -> Iterator[Finding]:
    """What its rules find; a rule that cannot be evaluated finds nothing."""
    shape = node.shape
    if shape.is_repeat:
        yield from _beyond_count(node, evaluation)
    if shape.children or shape.is_meta:
        return
    if node.is_relevant or (node.is_relevant is None and _is_relevant(node, evaluation)):
        if shape.rules.calculate is not None:
            yield from _differing(node, evaluation)
        yield from (_of_answer if node.text else _missing)(node, evaluation)
    elif node.text:
        yield make_finding("not_relevant", Severity.WARNING, node.path, node.text)


def _of_answer(node: Node, evaluation: Evaluation) -> Iterator[Finding]:
    rules = node.shape.rules
    if not has_its_type(node):
        kind = rules.declared.bind.type
        yield make_finding("wrong_type", Severity.ERROR, node.path, node.text, type=kind)
        return
    if rules.offered is not None:
        yield from _not_offered(node, evaluation)
    if rules.constraint is None or not _is_asked(node):
        return
    if not _ask(evaluation.satisfies_constraint, node, otherwise=True):
        yield make_finding("constraint", Severity.ERROR, node.path, node.text)


def _missing(node: Node, evaluation: Evaluation) -> Iterator[Finding]:
    if node.shape.rules.required is None or not _is_asked(node):
        return
    if _ask(evaluation.is_required, node, otherwise=False):
        yield make_finding("required", Severity.ERROR, node.path)


def _not_offered(node: Node, evaluation: Evaluation) -> Iterator[Finding]:
    try:
        offered = evaluation.offered_choices(node) or ()
    except NotEvaluated:
        return
    many = node.shape.rules.declared.select_multiple
    for code in node.text.split() if many else [node.text]:
        if code not in offered:
            yield make_finding("choice", Severity.ERROR, node.path, code)


def _differing(node: Node, evaluation: Evaluation) -> Iterator[Finding]:
    """A moment or chance is never the same twice; what depends on the language is read in each."""
    rules = node.shape.rules
    if rules.is_volatile:
        return
    try:
        expected = evaluation.calculated(node) or ""
        if is_same_answer(node.text, expected):
            return
        if rules.is_translated and _is_in_other_language(node, evaluation):
            return
    except NotEvaluated:
        return
    yield make_finding(
        "calculation", Severity.WARNING, node.path, node.text, expected=expected.strip()[:255]
    )


def _is_in_other_language(node: Node, evaluation: Evaluation) -> bool:
    return any(
        is_same_answer(node.text, evaluation.speaking(language).calculated(node) or "")
        for language in evaluation.languages
    )


def _beyond_count(node: Node, evaluation: Evaluation) -> Iterator[Finding]:
    """Told once, at the first instance that is too many."""
    if node.shape.rules.count is None:
        return
    try:
        count = evaluation.allowed_count(node)
    except NotEvaluated:
        return
    if count is not None and node.position == count:
        yield make_finding("repeat_count", Severity.ERROR, node.path, count=count)


def _is_asked(node: Node) -> bool:
    """Collect judges what a person is asked; nobody is asked a calculation."""
    declared = node.shape.rules.declared
    return declared.control in _ASKED and declared.kind is Kind.QUESTION


def _is_relevant(node: Node, evaluation: Evaluation) -> bool:
    return _ask(evaluation.is_relevant, node, otherwise=True)


def _ask(rule: Callable[[Node], bool], node: Node, *, otherwise: bool) -> bool:
    try:
        return rule(node)
    except NotEvaluated:
        return otherwise
