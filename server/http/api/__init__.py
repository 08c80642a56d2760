"""The REST API below /v1, as ODK Central's clients know it: one module a resource.

A module has a blueprint `bp`, marshmallow schemas beside its views and no `try`; who asks is in
`callers`, bodies are read in `bodies`, refusals written in `envelopes`.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from . import (
    datasets,
    due,
    entities,
    entity_merges,
    envelopes,
    exports,
    sessions,
    submission_exports,
    submissions,
    users,
)
from .odata import routes as odata


def register(app: Flask) -> None:
    bp = Blueprint("api", __name__, url_prefix="/v1")
    bp.register_blueprint(sessions.bp)
    bp.register_blueprint(users.bp)
    bp.register_blueprint(submissions.bp)
    bp.register_blueprint(submission_exports.bp)
    bp.register_blueprint(datasets.bp)
    bp.register_blueprint(entities.bp)
    bp.register_blueprint(entity_merges.bp)
    bp.register_blueprint(odata.make_blueprint())
    bp.register_blueprint(due.bp)
    bp.register_blueprint(exports.bp)
    envelopes.register(bp)
    app.register_blueprint(bp)
