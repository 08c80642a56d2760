"""Restricted facts of entities: those of one slip are written, those that hold are joined.

A fact holds while its slip does: not of a slip that was rejected, deleted or is being erased.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, and_, delete, false, insert, or_, select

from server.db import execute, fetch
from server.models import (
    Entity,
    RestrictedFact,
    ReviewState,
    Submission,
    SubmissionVersion,
)
from server.queries.scopes import Scope, placed_within


@dataclass(frozen=True, slots=True)
class KnownFact:
    """What the newest slip says, and when that was noted."""

    value: str
    noted_at: datetime


def replace_facts(
    submission_id: int, version_id: int, stated: Sequence[tuple[int, str, str]]
) -> None:
    """(entity id, name, value) of all that the submission says now."""
    execute(delete(RestrictedFact).where(RestrictedFact.submission_id == submission_id))
    rows = [
        {
            "entity_id": entity_id,
            "name": name,
            "value": value,
            "submission_id": submission_id,
            "submission_version_id": version_id,
        }
        for entity_id, name, value in stated
    ]
    if rows:
        execute(insert(RestrictedFact), rows)


def list_known(
    entity_ids: Collection[int], scopes: Mapping[int, Scope]
) -> dict[int, dict[str, KnownFact]]:
    """Of each entity and of what was merged into it, by name; the slip that came last counts.

    `scopes` are, by form, the places where what it says may be read.
    """
    family = _family(entity_ids)
    query = (
        select(family.c.root_id, RestrictedFact.name, RestrictedFact.value, RestrictedFact.noted_at)
        .join(family, family.c.entity_id == RestrictedFact.entity_id)
        .join(Entity, Entity.id == family.c.root_id)
        .join(Submission, Submission.id == RestrictedFact.submission_id)
        .join(SubmissionVersion, SubmissionVersion.id == RestrictedFact.submission_version_id)
        .where(*_holding(), _within(scopes))
        .order_by(RestrictedFact.submission_id)
    )
    found: dict[int, dict[str, KnownFact]] = {}
    for row in fetch(query):
        found.setdefault(row.root_id, {})[row.name] = KnownFact(row.value, row.noted_at)
    return found


def list_names(dataset_id: int, form_ids: Collection[int]) -> Sequence[str]:
    """Of all facts that these forms have said of entities of a list."""
    query = (
        select(RestrictedFact.name)
        .join(Entity, Entity.id == RestrictedFact.entity_id)
        .join(Submission, Submission.id == RestrictedFact.submission_id)
        .where(Entity.dataset_id == dataset_id, Submission.form_id.in_(sorted(form_ids)))
        .distinct()
    )
    return sorted(row.name for row in fetch(query))


def erase_of_submission(submission_id: int, *, uuid: str = "") -> None:
    """All that it said, or only what it said of one entity."""
    of_slip = RestrictedFact.submission_id == submission_id
    if uuid:
        of_slip &= RestrictedFact.entity_id.in_(select(Entity.id).where(Entity.uuid == uuid))
    execute(delete(RestrictedFact).where(of_slip))


def erase_of_entity(entity_id: int) -> None:
    execute(delete(RestrictedFact).where(RestrictedFact.entity_id == entity_id))


def _family(entity_ids: Collection[int]) -> CTE:
    """Each entity, and what was merged into it, and into that."""
    own = select(Entity.id.label("root_id"), Entity.id.label("entity_id"))
    family = own.where(Entity.id.in_(sorted(entity_ids))).cte("family", recursive=True)
    merged = select(family.c.root_id, Entity.id).join(
        Entity, Entity.merged_into_id == family.c.entity_id
    )
    return family.union(merged)


def _holding() -> Iterator[ColumnElement[bool]]:
    yield SubmissionVersion.is_current.is_(True)
    yield SubmissionVersion.erased_at.is_(None)
    yield Submission.deleted_at.is_(None)
    yield Submission.hidden_at.is_(None)
    yield Submission.review_state != ReviewState.REJECTED


def _within(scopes: Mapping[int, Scope]) -> ColumnElement[bool]:
    of_forms = (
        and_(Submission.form_id == form_id, placed_within(scope, Entity))
        for form_id, scope in scopes.items()
    )
    return or_(false(), *of_forms)
