"""What is known of an expression's place before any form is filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from forms.definitions import Field, FormDefinition, Kind
from forms.errors import NotSupported
from forms.xpath import Expression

from .frames import Compiled

Names = tuple[str, ...]
"""A path from the root element down, the root's own name left out: its name is never asked for."""


@dataclass(frozen=True, slots=True)
class FormFacts:
    """Of one form version: which nodes there are, and which lists it reads."""

    definition: FormDefinition
    fields: dict[Names, Field]
    lists: frozenset[str]
    texts: Mapping[str, dict[str, str]]

    def require_field(self, names: Names) -> Field:
        found = self.fields.get(names)
        if found is None:
            raise NotSupported("unsupported.no_node", node=f"/{'/'.join(names)}")
        return found

    def is_repeat(self, names: Names) -> bool:
        found = self.fields.get(names)
        return found is not None and found.kind is Kind.REPEAT


@dataclass(frozen=True, slots=True)
class Scope:
    """`context` is None inside a predicate over a list: the context is a row there."""

    facts: FormFacts
    context: Names | None
    current: Names
    compile: Callable[[Expression, Scope], Compiled]

    def at(self, context: Names | None) -> Scope:
        return replace(self, context=context)

    def require_context(self) -> Names:
        if self.context is None:
            raise NotSupported("unsupported.list_context")
        return self.context


def read_facts(
    definition: FormDefinition, lists: Iterable[str], texts: Mapping[str, dict[str, str]]
) -> FormFacts:
    """`lists` are those that come from files; `texts` the form's translations by id."""
    fields = {(): definition.root} | {
        tuple(f.path.strip("/").split("/")): f for f in definition.fields()
    }
    external = {instance.id for instance in definition.external_instances}
    names = frozenset(lists) | external | frozenset(definition.lists)
    return FormFacts(definition, fields, names, texts)
