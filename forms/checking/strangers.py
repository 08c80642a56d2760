"""Elements that the form does not know, or not twice: no phone writes them."""

from __future__ import annotations

from collections.abc import Iterator

from forms.declared_checks import Severity
from forms.evaluation import Evaluation
from forms.xml import local_name

from .findings import Finding, make_finding


def iter_strangers(evaluation: Evaluation) -> Iterator[Finding]:
    """`meta` is the client's; what stands below a stranger is not told again."""
    for node, element in evaluation.strangers():
        name = local_name(element)
        if node.shape.is_meta or (node.parent is None and name == "meta"):
            continue
        is_known = node.shape.child(name) is not None
        code = "repeated_element" if is_known else "unknown_element"
        text = (element.text or "").strip()
        yield make_finding(code, Severity.WARNING, f"{node.path}/{name}", text)
