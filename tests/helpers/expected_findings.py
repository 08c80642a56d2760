"""What a check has to find in a slip, told from JavaRosa's verdicts on it alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from forms.checking.answers import is_same_answer
from forms.evaluation import FormRules
from forms.evaluation.fields import FieldRules

from .verdicts import Verdict, Verdicts

COMPARED = frozenset(
    {"required", "not_relevant", "wrong_type", "constraint", "choice", "calculation"}
)
_ASKED = frozenset({"input", "select", "select1", "rank", "upload", "range", "trigger"})


def expected_findings(rules: FormRules, verdicts: Verdicts) -> set[tuple[str, str]]:
    """Code and path of each; paths without the root element."""
    fields = {f"/data{r.declared.path}": r for r in rules.fields if not r.declared.children}
    found = set()
    for path, verdict in verdicts.nodes.items():
        rule = fields.get(_plain(path))
        if rule is not None and not path.startswith("/data/meta"):
            found |= {(code, path.removeprefix("/data")) for code in _of_node(rules, rule, verdict)}
    return found


def _of_node(rules: FormRules, rule: FieldRules, verdict: Verdict) -> Iterator[str]:
    if "relevant" in verdict.failed:
        return
    if not verdict.relevant:
        if verdict.value:
            yield "not_relevant"
        return
    if rule.calculate is not None and _differs(rule, verdict):
        yield "calculation"
    is_asked = rule.declared.control in _ASKED
    if verdict.value:
        yield from _of_answer(rules, rule, verdict)
    elif verdict.required and is_asked:
        yield "required"


def _of_answer(rules: FormRules, rule: FieldRules, verdict: Verdict) -> Iterator[str]:
    if verdict.read is None:
        yield "wrong_type"
        return
    if "choices" not in verdict.failed and _is_not_offered(rules, rule, verdict):
        yield "choice"
    if verdict.constraint is False and rule.declared.control in _ASKED:
        yield "constraint"


def _differs(rule: FieldRules, verdict: Verdict) -> bool:
    if rule.is_volatile or "calculated" in verdict.failed or verdict.calculated is None:
        return False
    return not is_same_answer(verdict.value or "", verdict.calculated)


def _is_not_offered(rules: FormRules, rule: FieldRules, verdict: Verdict) -> bool:
    """JavaRosa's choices are told where a predicate filters them; else they are the whole list."""
    declared = rule.declared
    if not declared.is_select:
        return False
    offered: Collection[str] | None = verdict.choices
    if offered is None and declared.itemset is not None:
        whole = rules.lists[declared.itemset.list_name]
        offered = whole.values(declared.itemset.value_column)
    if offered is None:
        offered = [choice.value for choice in declared.choices]
    text = verdict.value or ""
    codes = text.split() if declared.select_multiple else [text]
    return any(code not in offered for code in codes)


def _plain(path: str) -> str:
    return "/".join(step.partition("[")[0] for step in path.split("/"))
