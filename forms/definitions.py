"""A form as data: the tree of fields that an XForm declares, with its labels and choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .declared_checks import DeclaredCheck
from .errors import Problem

Texts = dict[str, str]
"""Text by language name as the form spells it; the key is "" in a form without translations."""


class Kind(StrEnum):
    """What a node of the form's tree is."""

    GROUP = "group"
    REPEAT = "repeat"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Bind:
    """The logic of one field, as XPath text, with references written out as absolute paths."""

    type: str = "string"
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    calculate: str = ""
    readonly: str = ""
    constraint_messages: Texts = field(default_factory=dict)
    required_messages: Texts = field(default_factory=dict)
    preload: str = ""
    preload_params: str = ""
    save_to: str = ""
    restricted_to: str = ""
    """`list#name` of a fact about an entity that stays out of its list (entities/facts)."""
    kept: str = ""
    """`statutory` where the law asks for the answer even after consent ends (redaction)."""
    sensitivity: str = ""
    """A word of `Sensitivity`; empty where nobody has said (sensitivity)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a choice list; `extras` are its further columns, for choice filters."""

    value: str
    labels: Texts
    extras: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Itemset:
    """Where a select takes its choices: the id of a list in the form or of an external file."""

    list_name: str
    filter: str = ""
    value_column: str = "name"
    label_column: str = "label"


@dataclass(frozen=True, slots=True)
class ExternalInstance:
    """A file that the form reads: its instance id, `jr://` source and bare file name."""

    id: str
    src: str
    filename: str


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A form attachment that the XForm names; type as Central: file, image, audio, video."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class EntityDeclaration:
    """A `meta/entity` node: which list its container writes to, and its expressions.

    `container` is "/" for the root. `attributes` are those that the element has in the form.
    """

    container: str
    dataset: str
    binds: dict[str, str] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Field:
    """A node of the tree. `path` is absolute, without the root element: `/g_hh/hh_size`.

    `is_note` is true for text that is only shown: nobody and nothing fills it.
    """

    path: str
    kind: Kind
    bind: Bind = field(default_factory=Bind)
    labels: Texts = field(default_factory=dict)
    hints: Texts = field(default_factory=dict)
    control: str = ""
    appearance: str = ""
    select_multiple: bool = False
    choices: tuple[Choice, ...] = ()
    itemset: Itemset | None = None
    default: str = ""
    children: tuple[Field, ...] = ()
    is_note: bool = False
    count: str = ""
    """Of a repeat: how many instances there are to be, as an expression."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_select(self) -> bool:
        return self.control in ("select", "select1", "rank")

    def walk(self) -> Iterator[Field]:
        """Yield this field and all below it, in form order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One version of a form. `xform` are the bytes that phones are served."""

    xform: bytes
    xml_form_id: str
    version: str
    title: str
    languages: tuple[str, ...]
    default_language: str
    root: Field
    lists: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    external_instances: tuple[ExternalInstance, ...] = ()
    expected_files: tuple[ExpectedFile, ...] = ()
    entities: tuple[EntityDeclaration, ...] = ()
    entities_version: str = ""
    public_key: str = ""
    submission_url: str = ""
    commune_field: str = ""
    data_class: str = ""
    itemsets_csv: bytes | None = None
    checks: tuple[DeclaredCheck, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def fields(self) -> Iterator[Field]:
        """Yield every field but the root, in form order."""
        for child in self.root.children:
            yield from child.walk()

    def find_field(self, name: str) -> Field | None:
        """The first question of that name outside repeats, else None."""
        return next((f for f in _outside_repeats(self.root) if f.name == name), None)

    def with_commune_field(self, name: str) -> FormDefinition:
        return replace(self, commune_field=name)


def _outside_repeats(parent: Field) -> Iterator[Field]:
    for child in parent.children:
        if child.kind is Kind.QUESTION:
            yield child
        elif child.kind is Kind.GROUP:
            yield from _outside_repeats(child)
