"""By what submissions of a form are compared with each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select

from server.db import execute
from server.models import CheckKey, ReviewState, Submission

OtherRow = Row[*tuple[Any, ...]]
"""(key, instance_id, same, day, latitude, longitude)"""
MOST = 50
"""Others of one key that are looked at: the oldest."""

_ADD = insert(CheckKey)
_DROP = delete(CheckKey).where(CheckKey.submission_id == bindparam("submission"))
_OLDER = (
    select(
        CheckKey.key,
        Submission.instance_id,
        CheckKey.same,
        CheckKey.day,
        CheckKey.latitude,
        CheckKey.longitude,
    )
    .join(Submission, Submission.id == CheckKey.submission_id)
    .where(
        CheckKey.form_id == bindparam("form"),
        CheckKey.key.in_(bindparam("keys", expanding=True)),
        CheckKey.submission_id < bindparam("submission"),
        Submission.deleted_at.is_(None),
        Submission.hidden_at.is_(None),
        Submission.review_state != ReviewState.REJECTED,
    )
    .order_by(CheckKey.submission_id)
    .limit(bindparam("most"))
)


def list_older(form_id: int, submission_id: int, keys: Collection[str]) -> Sequence[OtherRow]:
    """Older submissions of the form with one of the keys, oldest first; rejected ones do not count.

    At most MOST for each key, so that a key that everybody has costs no more.
    """
    names = {"form": form_id, "submission": submission_id, "keys": sorted(keys)}
    rows: Sequence[OtherRow] = execute(_OLDER, names | {"most": MOST * len(keys)}).all()
    return rows


def replace_keys(submission_id: int, rows: Sequence[dict[str, Any]], *, is_new: bool) -> None:
    if not is_new:
        execute(_DROP, {"submission": submission_id})
    if rows:
        execute(_ADD, list(rows))


def drop_keys(submission_id: int) -> None:
    execute(_DROP, {"submission": submission_id})
