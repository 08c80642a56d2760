"""What people say of submissions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select

from server.db import db
from server.models import Actor, Comment, Form, Submission


def add_comments(submission_ids: Collection[int], body: str, *, actor_id: int | None) -> Comment:
    """Say the same of each; return the last of the comments."""
    added = [Comment(submission_id=id_, actor_id=actor_id, body=body) for id_ in submission_ids]
    db.session.add_all(added)
    db.session.flush()
    return added[-1]


def list_comments(submission_id: int) -> Sequence[tuple[Comment, Actor | None]]:
    """Newest first, each with who wrote it."""
    query = (
        select(Comment, Actor)
        .outerjoin(Actor, Actor.id == Comment.actor_id)
        .where(Comment.submission_id == submission_id)
        .order_by(Comment.id.desc())
    )
    return [(comment, actor) for comment, actor in db.session.execute(query)]


def list_of_submissions(submission_ids: Sequence[int]) -> Sequence[Any]:
    """(instance_id, xml_form_id, who wrote it, comment) of some submissions, oldest first."""
    query = (
        select(Submission.instance_id, Form.xml_form_id, Actor.display_name, Comment)
        .join(Submission, Submission.id == Comment.submission_id)
        .join(Form, Form.id == Submission.form_id)
        .outerjoin(Actor, Actor.id == Comment.actor_id)
        .where(Comment.submission_id.in_(submission_ids))
        .order_by(Comment.id)
    )
    return db.session.execute(query).all()


def remove_comments(submission_id: int) -> None:
    """For erasure, which has locked the submission: nothing is said of it any more."""
    db.session.execute(delete(Comment).where(Comment.submission_id == submission_id))
