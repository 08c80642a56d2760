"""Facts that a restricted form says of an entity beside its list, for those who may read them.

An answer is such a fact by the column `restricted_save_to` of the survey sheet: `list#name`, or the
name alone where the form writes one list. It never becomes a property of the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from forms.definitions import Field, FormDefinition, Kind
from forms.errors import Problem
from forms.xml import find_child

from .changes import Change, allowed_actions, is_uuid4, read_changes
from .declarations import Action, Declaration, read_declarations, read_repeats
from .names import is_property_name


@dataclass(frozen=True, slots=True)
class Fact:
    """An answer that is a fact about the entity of a list; `path` is that of its field."""

    dataset: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a slip says: the fact, and of which entity."""

    dataset: str
    id: str
    name: str
    value: str


def read_facts(definition: FormDefinition) -> tuple[Fact, ...]:
    """In form order; only of use where `check_facts` finds nothing."""
    lists = list(dict.fromkeys(declared.dataset for declared in definition.entities))
    return tuple(_read(field, lists) for field in definition.fields() if field.bind.restricted_to)


def check_facts(definition: FormDefinition, *, is_restricted: bool) -> Iterator[Problem]:
    """Yield what the form is to be refused for; the node is the path of the field."""
    facts = read_facts(definition)
    fields = {field.path: field for field in definition.fields()}
    declarations = read_declarations(definition)
    repeats = read_repeats(definition)
    taken = {(d.dataset, name.lower()) for d in declarations for name, _ in d.properties}
    for fact in facts:
        if not is_restricted:
            yield Problem("restricted.open_form", node=fact.path)
            continue
        yield from _check_list(fact, declarations)
        if fields[fact.path].kind is not Kind.QUESTION or _is_inside(fact.path, repeats):
            yield Problem("restricted.no_answer", node=fact.path)
        if not is_property_name(fact.name):
            yield Problem("restricted.name", {"name": fact.name}, node=fact.path)
        if fields[fact.path].bind.save_to or (fact.dataset, fact.name.lower()) in taken:
            about = {"name": fact.name, "dataset": fact.dataset}
            yield Problem("restricted.saved_too", about, node=fact.path)
    yield from _check_twins(facts)


def read_statements(
    root: etree._Element, declarations: Sequence[Declaration], facts: Sequence[Fact]
) -> list[Statement]:
    """Of the entities that the slip creates or updates; blank answers too, but none that is
    missing.
    """
    if not facts:
        return []
    ids = {
        change.dataset: change.id
        for change in read_changes(root, declarations)
        if is_uuid4(change.id) and _may(change, allowed_actions(change, declarations))
    }
    found = ((fact, _find(root, fact.path)) for fact in facts if fact.dataset in ids)
    return [
        Statement(fact.dataset, ids[fact.dataset], fact.name, (element.text or "").strip())
        for fact, element in found
        if element is not None
    ]


def _read(field: Field, lists: Sequence[str]) -> Fact:
    dataset, mark, name = field.bind.restricted_to.partition("#")
    if not mark:
        dataset, name = lists[0] if len(lists) == 1 else "", dataset
    return Fact(dataset.strip(), name.strip(), field.path)


def _check_list(fact: Fact, declarations: Sequence[Declaration]) -> Iterator[Problem]:
    """One entity of the list, outside repeats: else nobody could tell which is meant."""
    own = [declared for declared in declarations if declared.dataset == fact.dataset]
    if not own:
        known = ", ".join(dict.fromkeys(declared.dataset for declared in declarations))
        about = {"dataset": fact.dataset, "known": known or "-"}
        yield Problem("restricted.unknown_list", about, node=fact.path)
    elif len(own) > 1 or own[0].repeats:
        yield Problem("restricted.many_entities", {"dataset": fact.dataset}, node=fact.path)


def _check_twins(facts: Sequence[Fact]) -> Iterator[Problem]:
    seen: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        key = (fact.dataset, fact.name.lower())
        seen[key] += 1
        if seen[key] > 1:
            yield Problem("restricted.twice", {"name": fact.name}, node=fact.path)


def _is_inside(path: str, repeats: Sequence[str]) -> bool:
    return any(path.startswith(f"{repeat}/") for repeat in repeats)


def _may(change: Change, allowed: frozenset[Action]) -> bool:
    creates, updates = Action.CREATE in allowed, Action.UPDATE in allowed
    return (change.create and creates) or (change.update and updates)


def _find(root: etree._Element, path: str) -> etree._Element | None:
    element: etree._Element | None = root
    for name in path.split("/")[1:]:
        element = find_child(element, name)
    return element
