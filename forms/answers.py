"""The answers of an instance one by one, with their places and the child that they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from .definitions import Field, FormDefinition, Kind
from .redaction import find_key
from .xml import local_name


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `place` numbers repeats: `/rep_child[2]/g_id/child_name`.

    `field` is None for what the form does not know; `child_key` is that of the repeat around it.
    """

    place: str
    text: str
    field: Field | None
    child_key: str


def iter_answers(definition: FormDefinition, root: etree._Element) -> Iterator[Answer]:
    """Yield what was answered, in document order; `meta` only repeats it."""
    yield from _answers(definition.root, root, "", "")


def _answers(
    field: Field | None, element: etree._Element, place: str, child_key: str
) -> Iterator[Answer]:
    fields = {child.name: child for child in field.children} if field else {}
    counts: Counter[str] = Counter()
    for child in element:
        name = local_name(child)
        if not name or name == "meta":
            continue
        below = fields.get(name)
        here, key = f"{place}/{name}", child_key
        if below is not None and below.kind is Kind.REPEAT:
            counts[name] += 1
            here = f"{here}[{counts[name]}]"
            key = find_key(child, ("child_uid", "child_ref")) or child_key
        if text := (child.text or "").strip():
            yield Answer(here, text, below, key)
        yield from _answers(below, child, here, key)
