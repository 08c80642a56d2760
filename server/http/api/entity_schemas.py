"""Entities and their versions in JSON (central-api.md §15.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from server.queries.entity_pages import ActorRow, PageRow, VersionRow

from .actors import ActorSchema
from .bodies import Timestamp


class EntitySchema(Schema):
    """The entity itself; `currentVersion` comes beside it."""

    uuid = fields.String()
    creator_id = fields.Integer(data_key="creatorId")
    conflict = fields.String()
    created_at = Timestamp(data_key="createdAt")
    updated_at = Timestamp(data_key="updatedAt")
    deleted_at = Timestamp(data_key="deletedAt")


class VersionSchema(Schema):
    """A version without its values. pyODK wants the user agent to be text."""

    label = fields.String()
    creator_id = fields.Integer(attribute="version_creator_id", data_key="creatorId")
    user_agent = fields.Function(lambda row: row.user_agent or "", data_key="userAgent")
    version = fields.Integer(attribute="number")
    base_version = fields.Integer(data_key="baseVersion")
    created_at = Timestamp(attribute="version_created_at", data_key="createdAt")
    branch_id = fields.Function(lambda row: row.branch_id or None, data_key="branchId")
    trunk_version = fields.Integer(data_key="trunkVersion")
    branch_base_version = fields.Integer(data_key="branchBaseVersion")


_ENTITY, _VERSION, _ACTOR = EntitySchema(), VersionSchema(), ActorSchema()
_UNTOLD = {
    "creatorId": None,
    "userAgent": "",
    "branchId": None,
    "trunkVersion": None,
    "branchBaseVersion": None,
}
"""Of a version that came from what the caller may not know of: its number stays."""
Actors = Mapping[int, ActorRow] | None
"""Whoever made it, by id; None where nobody asked for extended metadata."""
Shows = Callable[[VersionRow], bool]
"""Whether the caller may know of the submission that a version came from."""


def dump_entity(
    row: PageRow,
    properties: Sequence[str],
    actors: Actors,
    shows: Shows,
    *,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The entity as lists have it; with the newest version's values where these are given.

    `mergedInto` is this server's own, of what was merged only.
    """
    entity = dict(_ENTITY.dump(row))
    if row.merged_into is not None:
        entity["mergedInto"] = row.merged_into
    version = {"current": True, **dump_version(row, properties, actors, shows)}
    version |= values or {}
    return entity | _creator(row.creator_id, actors) | {"currentVersion": version}


def dump_version(
    row: VersionRow, properties: Iterable[str], actors: Actors, shows: Shows
) -> dict[str, Any]:
    """Without who and how, where that would tell of a submission that the caller may not see."""
    shown = {*properties, "label"}
    conflicting = None
    if row.conflicting is not None:
        conflicting = [name for name in row.conflicting if name in shown]
    is_told = shows(row)
    return {
        **_VERSION.dump(row),
        **({} if is_told else _UNTOLD),
        "conflictingProperties": conflicting,
        **_creator(row.version_creator_id if is_told else None, actors),
    }


def dump_values(
    row: VersionRow, properties: Sequence[str], *, data: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Of the properties that the caller may see; `data` may say them otherwise than the version."""
    return {
        "data": _only(row.data if data is None else data, properties),
        "dataReceived": _only(row.received, [*properties, "label"]),
    }


def values_of(row: VersionRow, properties: Sequence[str]) -> dict[str, str]:
    """All that two versions are compared by."""
    return {"label": row.label, **_only(row.data, properties)}


def _only(data: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: data[name] for name in names if name in data}


def _creator(actor_id: int | None, actors: Actors) -> dict[str, Any]:
    if actors is None:
        return {}
    found = actors.get(actor_id or 0)
    return {"creator": _ACTOR.dump(found) if found is not None else None}
