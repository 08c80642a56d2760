"""What submissions are filtered and ordered by in OData and exports (central-api.md §13.4)."""

from __future__ import annotations

from sqlalchemy import String, func, type_coerce

from server.models import ReviewState, Submission
from server.odata.conditions import Condition, Kind, mentions
from server.queries import filtering
from server.queries.filtering import Column

_DELETED_AT = "__system/deletedAt"
_OF_ROOT = "$root/Submissions/"
_STATE = func.nullif(type_coerce(Submission.review_state, String()), ReviewState.RECEIVED.value)
_PLAIN: filtering.Columns = {
    "__id": Column(Submission.instance_id, Kind.TEXT),
    "__system/submissionDate": Column(Submission.created_at, Kind.TIME),
    "__system/updatedAt": Column(Submission.updated_at, Kind.TIME),
    "__system/submitterId": Column(Submission.submitter_id, Kind.NUMBER),
    "__system/reviewState": Column(type_coerce(_STATE, String()), Kind.TEXT),
    _DELETED_AT: Column(Submission.deleted_at, Kind.TIME),
}
FIELDS: filtering.Columns = {
    **_PLAIN,
    **{f"{_OF_ROOT}{name}": column for name, column in _PLAIN.items()},
}


def asks_for_deleted(condition: Condition) -> bool:
    """Deleted ones are hidden unless the filter says something of deletion."""
    return any(mentions(condition, name) for name in (_DELETED_AT, f"{_OF_ROOT}{_DELETED_AT}"))
