"""Projects."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import Row, bindparam, select, update

from server.db import db, fetch
from server.errors import NotFound
from server.models import Project

ProjectRow = Row[int, int]
"""(id, catalogue)"""
_CATALOGUE = (
    select(Project.id, Project.catalogue)
    .where(Project.deleted_at.is_(None))
    .order_by(Project.id)
    .limit(1)
)
_CATALOGUE_OF = _CATALOGUE.where(Project.id == bindparam("id"))


def find_default_project() -> Project | None:
    """The oldest project: the one that commands and bare addresses mean."""
    query = select(Project).where(Project.deleted_at.is_(None)).order_by(Project.id).limit(1)
    return db.session.scalar(query)


def get_project(project_id: int | None = None) -> Project:
    project = db.session.get(Project, project_id) if project_id else find_default_project()
    if project is None or project.deleted_at is not None:
        raise NotFound(subject="project", name=project_id or "")
    return project


def find_catalogue(project_id: int | None) -> ProjectRow | None:
    """Id and catalogue's mark of a project, or (None) of the default one; a query of its own."""
    query = _CATALOGUE if project_id is None else _CATALOGUE_OF
    rows: Sequence[ProjectRow] = fetch(query, {} if project_id is None else {"id": project_id})
    return rows[0] if rows else None


def add_project(name: str) -> Project:
    project = Project(name=name)
    db.session.add(project)
    db.session.flush()
    return project


def touch_catalogue(project_id: int | None = None) -> None:
    """What phones are offered or may do has changed, here or (None) everywhere.

    Whatever was remembered of it ends with the commit: the new mark is random, so that no other
    state, of this database or of one restored from a backup, bears it.
    """
    change = update(Project).values(catalogue=secrets.randbits(31))
    if project_id is not None:
        change = change.where(Project.id == project_id)
    db.session.execute(change)
