"""Releases of de-identified data, and the end of their keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from server.db import db
from server.errors import NotFound
from server.models import Release


def add_release(release: Release) -> Release:
    db.session.add(release)
    db.session.flush()
    return release


def get_release(release_id: int, *, project_id: int) -> Release:
    release = db.session.get(Release, release_id)
    if release is None or release.project_id != project_id:
        raise NotFound(subject="release", name=release_id)
    return release


def list_releases(project_id: int) -> Sequence[Release]:
    query = select(Release).where(Release.project_id == project_id)
    return db.session.scalars(query.order_by(Release.id)).all()


def list_over(today: date) -> Sequence[Release]:
    """Those whose day has passed and whose key is still there."""
    query = select(Release).where(Release.until < today, Release.key_sealed.is_not(None))
    return db.session.scalars(query.order_by(Release.id).with_for_update()).all()
