"""OpenRosa, as ODK Collect speaks it: form list, forms, media, submissions.

The address that a phone is given is `/v1/key/{token}/projects/{id}`; Collect appends the rest.
"""

from __future__ import annotations

from flask import Blueprint, Response

from server.http.requests import settings

from . import briefcase, envelopes, formlists, pushes, submissions

bp = Blueprint("openrosa", __name__, url_prefix="/v1/key/<token>/projects/<int:project_id>")
bp.register_blueprint(formlists.bp)
bp.register_blueprint(submissions.bp)
bp.register_blueprint(briefcase.bp)
bp.register_blueprint(pushes.bp)
envelopes.register(bp)


@bp.after_request
def add_headers(response: Response) -> Response:
    """Every answer, errors too, carries what Collect looks for (openrosa.md §1)."""
    return envelopes.add_headers(response, settings())
