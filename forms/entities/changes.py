"""What a filled instance asks for: one Change for each `meta/entity` that is active."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from forms.xml import find_child, local_name

from .declarations import Action, Declaration

_UUID4 = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)
_VERSION = re.compile("0*([1-9][0-9]{0,8})")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Change:
    """A wish to create or update one entity, as it was sent.

    `path` is the container with the index of every repeat, `/rep_child[2]`; "" is the root.
    `data` has the properties whose fields are in the instance, blank ones too. A flag stays
    also where the form does not declare it: `decide` refuses that.
    """

    dataset: str
    path: str
    id: str
    create: bool
    update: bool
    base_version: int | None
    trunk_version: int | None
    branch_id: str
    label: str
    data: dict[str, str]


def read_changes(root: etree._Element, declarations: Sequence[Declaration]) -> list[Change]:
    """In document order: the root first, then groups and every instance of a repeat."""
    if not declarations:
        return []
    drafts: list[_Draft] = []
    _read(root, _plan(declarations), "", _Draft(""), drafts)
    changes = (_change(draft) for draft in drafts)
    return [change for change in changes if change is not None]


def allowed_actions(change: Change, declarations: Sequence[Declaration]) -> frozenset[Action]:
    """What the form declares for this list in this container; nothing if another list was sent."""
    where = (_INDEX.sub("", change.path), change.dataset)
    return next((d.actions for d in declarations if (d.container, d.dataset) == where), frozenset())


def is_uuid4(text: str) -> bool:
    """True for a version 4 UUID in its canonical form, in either case."""
    return _UUID4.fullmatch(text) is not None


@dataclass(slots=True)
class _Place:
    """A node of the form on the way to something that entities need."""

    children: dict[str, _Place] = field(default_factory=dict)
    property: str = ""
    declares: bool = False
    is_repeat: bool = False

    def at(self, path: str) -> _Place:
        place = self
        for name in path.split("/")[1:]:
            place = place.children.setdefault(name, _Place())
        return place


@dataclass(slots=True)
class _Draft:
    """One instance of a declaring container."""

    path: str
    entity: etree._Element | None = None
    data: dict[str, str] = field(default_factory=dict)


def _plan(declarations: Sequence[Declaration]) -> _Place:
    root = _Place()
    for declaration in declarations:
        root.at(declaration.container).declares = True
        for path in declaration.repeats:
            root.at(path).is_repeat = True
        for name, path in declaration.properties:
            root.at(path).property = name
    return root


def _read(
    element: etree._Element, place: _Place, path: str, draft: _Draft, drafts: list[_Draft]
) -> None:
    """Walk what the plan knows; `draft` is of the nearest container that declares."""
    if place.declares:
        draft = _Draft(path, find_child(find_child(element, "meta"), "entity"))
        drafts.append(draft)
    for child, below, step in _planned(element, place):
        if below.property:
            draft.data[below.property] = child.text or ""
        if below.children or below.declares:
            _read(child, below, f"{path}/{step}", draft, drafts)


def _planned(
    element: etree._Element, place: _Place
) -> Iterator[tuple[etree._Element, _Place, str]]:
    """Yield each child that the plan has, with its step; what stands twice counts once."""
    counts: Counter[str] = Counter()
    for child in element:
        name = local_name(child)
        below = place.children.get(name)
        if below is None:
            continue
        counts[name] += 1
        if below.is_repeat:
            yield child, below, f"{name}[{counts[name]}]"
        elif counts[name] == 1:
            yield child, below, name


def _change(draft: _Draft) -> Change | None:
    if draft.entity is None:
        return None
    sent = {str(k).rpartition("}")[2]: str(v).strip() for k, v in draft.entity.attrib.items()}
    create, update = (sent.get(name) in ("1", "true") for name in ("create", "update"))
    if not (create or update):
        return None
    label = find_child(draft.entity, "label")
    return Change(
        dataset=sent.get("dataset", ""),
        path=draft.path,
        id=_plain_id(sent.get("id", "")),
        create=create,
        update=update,
        base_version=_number(sent.get("baseVersion", "")),
        trunk_version=_number(sent.get("trunkVersion", "")),
        branch_id=_plain_id(sent.get("branchId", "")),
        label=(label.text or "").strip() if label is not None else "",
        data=draft.data,
    )


def _plain_id(text: str) -> str:
    return text.lower().removeprefix("uuid:")


def _number(text: str) -> int | None:
    """A version; None for what is none, or larger than any column holds."""
    match = _VERSION.fullmatch(text)
    return int(match[1]) if match else None
