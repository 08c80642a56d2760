"""Find a person in everything that was received, and erase what is theirs (domain.md §2.6).

All submissions and all of the register are read, in pages. Encrypted submissions stay closed and
are only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from forms.answers import iter_answers
from forms.folding import Needle
from forms.instances import is_encrypted
from forms.redaction import KEY_FIELDS, find_holders, find_key
from forms.xml import parse_xml
from server.actions.definitions import CompiledVersion, get_compiled
from server.actions.entities.persons import (
    Registered,
    RegisterSighting,
    erase_registered,
    find_registered,
    list_registered,
)
from server.actions.erasing import Erasure, erase_submission
from server.actions.withdrawing import record_withdrawal
from server.auth.callers import Caller
from server.auth.gate import FormKey, Rights, require
from server.auth.roles import Verb
from server.errors import NotFound, ValueNotAllowed
from server.models import Form
from server.queries import audits, consents, forms
from server.queries.persons import count_waiting, iter_version_pages
from server.queries.scopes import NOTHING

_HOUSEHOLD, _CHILD = KEY_FIELDS


@dataclass(frozen=True, slots=True)
class Sighting:
    """One answer in which the person occurs."""

    instance_id: str
    is_current: bool
    xml_form_id: str
    commune: str
    place: str
    household_key: str
    child_key: str


@dataclass(slots=True)
class Search:
    """Who was found where, and what could not be searched."""

    found: list[Sighting] = field(default_factory=list)
    registered: list[RegisterSighting] = field(default_factory=list)
    searched: int = 0
    encrypted: int = 0
    held: int = 0
    quarantined: int = 0

    def counts(self) -> dict[str, int]:
        names = ("searched", "encrypted", "held", "quarantined")
        found = {"found": len(self.found), "registered": len(self.registered)}
        return found | {name: getattr(self, name) for name in names}

    def log(self, by: Caller, project_id: int) -> None:
        """Counts only: what was looked for is a name."""
        audits.log(by, "person.find", "project", project_id, **self.counts())


@dataclass(frozen=True, slots=True)
class Erasures:
    """What is erased of a person: (submission, an instance of it), and entities of the register."""

    slips: tuple[tuple[Erasure, str], ...]
    entities: tuple[Registered, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """A version in which a household or child has its key; `child_key` is empty for the whole."""

    form: Form
    row: Any
    compiled: CompiledVersion
    child_key: str


def find_persons(
    text: str,
    *,
    project_id: int,
    by: Caller,
    xml_form_id: str | None = None,
    is_loose: bool = False,
    progress: Callable[[int], None] = lambda count: None,
) -> Search:
    """Every slip and entity in which a person of that name, telephone, personal ID or key occurs.

    Of one form only its slips, and nothing of the register.
    """
    require(by, Verb.PERSON_READ, project_id=project_id)
    needle = Needle(text, is_loose=is_loose)
    if needle.is_empty:
        raise ValueNotAllowed(subject="person", field="TEXT", value=text, reason="…")
    search = Search()
    if by.is_operator:  # where they come from is not known
        search.held, search.quarantined = count_waiting(project_id)
    for form, page in _iter_pages(Verb.PERSON_READ, project_id, by, xml_form_id):
        for row in page:
            _look(form, row, needle, search)
        progress(len(page))
    if xml_form_id is None:
        search.registered = find_registered(needle, project_id=project_id, by=by, progress=progress)
    return search


def iter_holdings(key: str, verb: Verb, *, project_id: int, by: Caller) -> Iterator[Holding]:
    """Every version of a slip that holds the key of a household or child, within the rights."""
    raw = key.encode()
    for form, page in _iter_pages(verb, project_id, by, None):
        for row in page:
            if raw not in row.xml and b"&#" not in row.xml:  # most slips are never parsed
                continue
            root, compiled = parse_xml(row.xml, lenient=True), _compiled(row.form_version_id)
            holders = [element for _, element in find_holders(compiled.definition, root, key)]
            if holders:
                is_whole = any(element is root for element in holders)
                yield Holding(form, row, compiled, "" if is_whole else key)


def find_erasures(key: str, *, project_id: int, by: Caller) -> Erasures:
    """What erasing a household or child would erase; or NotFound."""
    require(by, Verb.PERSON_ERASE, project_id=project_id)
    found: dict[int, tuple[Erasure, str]] = {}
    for holding in iter_holdings(key, Verb.PERSON_ERASE, project_id=project_id, by=by):
        id_ = holding.row.submission_id
        known = found.get(id_)
        if known is None or not holding.child_key:
            found[id_] = (Erasure(id_, holding.child_key), holding.row.instance_id)
    entities = list_registered(key, Verb.PERSON_ERASE, project_id=project_id, by=by)
    if not found and not entities:
        raise NotFound(subject="person", name=key)
    return Erasures(tuple(found.values()), tuple(entities))


def erase_person(key: str, erasures: Erasures, *, project_id: int, by: Caller) -> list[str]:
    """Erase what `find_erasures` found, in one transaction; return the files' keys.

    Whoever has a household erased withdraws its consent too.
    """
    require(by, Verb.PERSON_ERASE, project_id=project_id)
    whole = [erasure for erasure, _ in erasures.slips if not erasure.child_key]
    of_household = consents.list_of_household(project_id, key)
    ids = {erasure.submission_id for erasure in whole}
    record_withdrawal([c for c in of_household if c.submission_id in ids], by=by)
    keys = []
    for erasure, _ in erasures.slips:
        household_key = "" if erasure.child_key else key
        keys += erase_submission(erasure, by=by, household_key=household_key)
    left = list_registered(
        key, Verb.PERSON_ERASE, project_id=project_id, by=by, is_locked=True
    )  # what no slip made
    erase_registered(left, by=by)
    counts = {
        "submissions": len(erasures.slips),
        "whole": len(whole),
        "files": len(keys),
        "entities": len(erasures.entities),
    }
    audits.log(by, "person.erase", "project", project_id, key=key, **counts)
    return keys


def _iter_pages(
    verb: Verb, project_id: int, by: Caller, xml_form_id: str | None
) -> Iterator[tuple[Form, Any]]:
    rights = Rights(by)
    chosen = (
        [forms.get_form(project_id, xml_form_id)] if xml_form_id else forms.list_forms(project_id)
    )
    for form in chosen:
        rows = rights.rows(verb, project_id=project_id, form=FormKey.of(form))
        if rows != NOTHING:
            for page in iter_version_pages(form, rows):
                yield form, page


def _look(form: Form, row: Any, needle: Needle, search: Search) -> None:
    root = parse_xml(row.xml, lenient=True)
    if is_encrypted(root):
        search.encrypted += 1
        return
    search.searched += 1
    for answer in iter_answers(_compiled(row.form_version_id).definition, root):
        if needle.is_in(answer.text):
            sighting = Sighting(
                instance_id=row.instance_id,
                is_current=row.is_current,
                xml_form_id=form.xml_form_id,
                commune=row.commune_code or "",
                place=answer.place,
                household_key=find_key(root, (_HOUSEHOLD,)),
                child_key=answer.child_key,
            )
            search.found.append(sighting)


def _compiled(form_version_id: int) -> CompiledVersion:
    version = forms.get_version_by_id(form_version_id)
    return get_compiled(version.id, version.sha256, version.commune_field)
