"""What clients send of entities, each thing wrong refused with Central's code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from server.actions.entities.changing import Edit, NewEntity, Origin
from server.errors import FieldMissing, UnexpectedKeys, WrongType
from server.http.cookies import CSRF

from .bodies import flag, read_json

LIMIT = 100_000_000
"""Many entities come at once (central-api.md §1.6)."""
_KEYS = ("uuid", "label", "data")


def read_entities() -> tuple[list[NewEntity], Origin, bool]:
    """What is to be made, how it came, and whether it came as many at once."""
    body = read_json(LIMIT)
    body.pop(CSRF, None)
    if "entities" not in body:
        return [_read_entity(body)], Origin("api", user_agent()), False
    listed = body["entities"]
    _require_keys(body, ("entities", "source"))
    if not isinstance(listed, list) or not listed:
        actual = sorted(body)[:20]
        raise UnexpectedKeys(subject="entities", expected=["entities", "source"], actual=actual)
    origin = Origin(f"import:{_read_source(body.get('source'))}", user_agent())
    return [_read_entity(entity) for entity in listed], origin, True


def read_edit() -> Edit:
    body = read_json()
    body.pop(CSRF, None)
    _require_keys(body, ("label", "data"))
    base = request.args.get("baseVersion", "")
    return Edit(
        label=_read_label(body["label"]) if "label" in body else None,
        data=_read_data(body.get("data", {})),
        base_version=int(base) if base.isascii() and base.isdecimal() else None,
        force=flag("force") is True,
        resolve=flag("resolve") is True,
    )


def read_ids() -> list[str]:
    ids = read_json(LIMIT).get("ids")
    if ids is None:
        raise FieldMissing(field="ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise WrongType(field="ids", expected="array of strings")
    return [one.lower() for one in ids]


def user_agent() -> str | None:
    return request.user_agent.string[:255] or None


def _read_entity(entity: Any) -> NewEntity:
    if not isinstance(entity, dict):
        raise WrongType(field="entities", expected="array of objects")
    _require_keys(entity, _KEYS)
    uuid = entity.get("uuid")
    if uuid is not None and not isinstance(uuid, str):
        raise WrongType(field="uuid", expected="UUID v4")
    if "label" not in entity:
        raise FieldMissing(field="label")
    return NewEntity(uuid, _read_label(entity["label"]), _read_data(entity.get("data", {})))


def _require_keys(body: Mapping[str, Any], expected: Iterable[str]) -> None:
    if set(body) - set(expected):
        raise UnexpectedKeys(expected=list(expected), actual=sorted(body)[:20])


def _read_label(label: Any) -> str:
    if not isinstance(label, str):
        raise WrongType(field="label", expected="string")
    return label


def _read_data(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        raise WrongType(field="data", expected="object")
    for name, value in data.items():
        if not isinstance(value, str):
            raise WrongType(field=name[:100], expected="string")
    return data


def _read_source(source: Any) -> str:
    if source is None:
        raise FieldMissing(field="source")
    if not isinstance(source, dict):
        raise WrongType(field="source", expected="object")
    name = source.get("name")
    if name in (None, ""):
        raise FieldMissing(field="source.name")
    if not isinstance(name, str) or not isinstance(source.get("size", 0), int | None):
        raise WrongType(field="source", expected="name: string, size: integer")
    return name.replace("\0", "")
