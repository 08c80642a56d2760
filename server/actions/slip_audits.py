"""What the audit log says of a slip."""

from __future__ import annotations

from server.actions.targets import Target
from server.auth.callers import Caller
from server.queries import audits


def log_slip(by: Caller, action: str, submission_id: int, target: Target, **details: int) -> None:
    """What came for a draft says so: it is dropped with the draft, and its id may be used again."""
    draft = {"draft": True} if target.is_draft else {}
    audits.log(by, action, "submission", submission_id, **details, **draft)
