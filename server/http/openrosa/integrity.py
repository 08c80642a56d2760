"""Which entities that a phone made are gone, asked at every sync (openrosa.md §9.6)."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from flask import Blueprint, Response, request

from server.actions.entities.lists import find_phone_lists
from server.errors import NotFound

from .callers import authorise
from .documents import answer, document

bp = Blueprint("integrity", __name__, url_prefix="/datasets")
_MOST = 10_000


@bp.get("/<segment:name>/integrity")
def integrity(name: str) -> Response:
    """Entities that the server has not seen yet are left out: they may be on their way."""
    caller = authorise()
    filename = f"{name}.csv"
    listed = find_phone_lists(caller, caller.project_id or 0, [filename]).get(filename)
    if listed is None:
        raise NotFound(subject="dataset", name=name)
    asked = dict.fromkeys(i.strip() for i in request.args.get("id", "").split(",")[:_MOST])
    gone = listed.find_gone(asked) if any(asked) else {}
    rows = "".join(
        f"<entity id={quoteattr(uuid)}><deleted>{str(gone[uuid]).lower()}</deleted></entity>"
        for uuid in asked
        if uuid in gone
    )
    return answer(*document(f"<data><entities>{rows}</entities></data>"))
