"""The lists of a form as phones had them: each state in which its files were served (design §11).

A slip is filled offline with the files of days ago. It is judged by the state that is in force, and
where something is found, by the older ones.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

from forms.errors import DocumentRefused
from forms.evaluation import LookupList
from forms.list_files import read_list_file
from server.actions.checking.asked import Circumstances
from server.actions.checking.rules import CheckedForm
from server.actions.entities.known import is_list_file
from server.actions.unit_lists import COMMUNES, VILLAGES, can_replace, list_all_units
from server.queries import forms, units
from server.queries.catalogues import remembered
from server.storage import Storage

Lists = Mapping[str, LookupList]
_HEAD = 4096
_one_at_a_time = threading.Lock()


def iter_states(
    form: CheckedForm, about: Circumstances, on: date, storage: Storage
) -> Iterator[Lists]:
    """By instance id; the likeliest state first, none twice.

    Entity lists are none of them: a slip may be ahead of the register that the server knows.

    Of the lists that the server makes for each phone, its whole list stands for that of the phone:
    whether a village is the sender's is another question.
    """
    catalogue = about.catalogue
    names = {
        i.filename: i.id
        for i in form.rules.definition.external_instances
        if not is_list_file(catalogue, about.project_id, i.filename)
    }
    if not names:
        yield {}
        return
    for files in _list_states(catalogue, form.version_id):
        attached = {
            names[name]: loaded
            for name, key in files
            if name in names and (loaded := _load(name, key, storage)) is not None
        }
        made = [name for name, key in files if _is_made(name, key, storage)]
        for edition in _editions(catalogue, on) if made else ():
            with _one_at_a_time:  # fifty phones at once would each read the whole country
                own = _all_units(catalogue, edition)
            if own:  # without villages in that edition phones have what is attached
                yield attached | {names[name]: own[name] for name in made}
        yield attached


def list_states(version_id: int) -> list[tuple[tuple[str, str], ...]]:
    """Each state of a version's files, the newest first: (name, key) of each file."""
    current = {f.name: f.storage_key for f in forms.list_attachments(version_id) if f.storage_key}
    states = [dict(current)]
    for old in forms.list_served_files(version_id):
        states.append(states[-1] | {old.name: old.storage_key})
    return [tuple(sorted(state.items())) for state in states]


_list_states = remembered(list_states)


@lru_cache(maxsize=64)
def _load(name: str, key: str, storage: Storage) -> LookupList | None:
    """None for a picture, or for what cannot be read as a list; a key's bytes never change."""
    try:
        return LookupList(read_list_file(name, storage.file(key).read_bytes()))
    except (DocumentRefused, OSError):
        return None


@lru_cache(maxsize=64)
def _is_made(name: str, key: str, storage: Storage) -> bool:
    if name not in (COMMUNES, VILLAGES):
        return False
    try:
        with storage.file(key).open("rb") as file:
            return can_replace(name, file.read(_HEAD))
    except OSError:
        return False


def list_editions(on: date) -> list[str]:
    """That of the day first, then the others from new to old."""
    found = units.list_editions()
    then = [e.id for e in found if e.valid_from <= on][-1:]
    return [*then, *(e.id for e in reversed(found) if e.id not in then)]


_editions = remembered(list_editions)


def make_lists(edition: str) -> dict[str, LookupList]:
    return {name: LookupList(rows) for name, rows in list_all_units(edition).items()}


_all_units = remembered(make_lists, size=8)
