"""What is wrong with a form's declarations of entities (openrosa.md §9.1)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from forms.definitions import EntityDeclaration, FormDefinition
from forms.errors import Problem

from .declarations import (
    Declaration,
    container_of,
    find_owner,
    read_actions,
    read_declarations,
    read_repeats,
)
from .names import is_dataset_name, is_property_name

_FIRST_WITH_UPDATES = "2023.1.0"
_FIRST_WITH_PLACES = "2025.1.0"
_FIRST_OFFLINE = "2024.1"


def check_declarations(definition: FormDefinition) -> Iterator[Problem]:
    """Yield what the form is to be refused for, and as a warning an old version."""
    yield from _check_version(definition)
    for declared in definition.entities:
        yield from _check_one(declared, definition.entities_version)
    yield from _check_containers(definition)
    yield from _check_saved_fields(definition)
    yield from _check_twins(read_declarations(definition))


def _check_version(definition: FormDefinition) -> Iterator[Problem]:
    version = definition.entities_version
    needed = _needed_version(definition)
    if not definition.entities:
        return
    if not version:
        yield Problem("entity.no_version", {"needed": needed})
    elif version < needed[:6]:
        yield Problem("entity.old_version", {"declared": version, "needed": needed})
    elif version < _FIRST_OFFLINE:
        yield Problem("entity.not_offline", {"declared": version}, "warning")


def _needed_version(definition: FormDefinition) -> str:
    """The least that has all that the form uses."""
    if len(definition.entities) > 1 or any(container_of(e) for e in definition.entities):
        return _FIRST_WITH_PLACES
    updates = any("update" in e.attributes for e in definition.entities)
    return _FIRST_WITH_UPDATES if updates else "2022.1.0"


def _check_one(declared: EntityDeclaration, version: str) -> Iterator[Problem]:
    about = {"dataset": declared.dataset}
    node = f"{container_of(declared)}/meta/entity"
    if not is_dataset_name(declared.dataset):
        yield Problem("entity.dataset_name", about, node=node)
    if not read_actions(declared, version):
        yield Problem("entity.no_action", about, node=node)


def _check_containers(definition: FormDefinition) -> Iterator[Problem]:
    containers = [container_of(declared) for declared in definition.entities]
    for container in dict.fromkeys(containers):
        if containers.count(container) > 1:
            yield Problem("entity.declared_twice", node=container or "/")


def _check_saved_fields(definition: FormDefinition) -> Iterator[Problem]:
    repeats = read_repeats(definition)
    for field in definition.fields():
        name = field.bind.save_to
        if name and not is_property_name(name):
            yield Problem("entity.property_name", {"property": name}, node=field.path)
        if name and find_owner(field.path, definition, repeats) is None:
            yield Problem("entity.no_declaration", {"property": name}, node=field.path)


def _check_twins(declarations: tuple[Declaration, ...]) -> Iterator[Problem]:
    """A list or property in two spellings, and a property that two fields of a place write."""
    names = dict.fromkeys(declaration.dataset for declaration in declarations)
    yield from (
        Problem("entity.dataset_case", {"name": second, "other": first})
        for first, second in _case_twins(list(names))
    )
    for dataset in names:
        saved = [p for d in declarations if d.dataset == dataset for p in d.properties]
        places = dict(saved)
        for first, second in _case_twins(list(places)):
            about = {"name": second, "other": first, "dataset": dataset}
            yield Problem("entity.property_case", about, node=places[second])
    for declaration in declarations:
        seen: set[str] = set()
        for name, path in declaration.properties:
            if name in seen:
                yield Problem("entity.property_twice", {"property": name}, node=path)
            seen.add(name)


def _case_twins(names: list[str]) -> Iterator[tuple[str, str]]:
    return (pair for pair in combinations(names, 2) if pair[0].lower() == pair[1].lower())
