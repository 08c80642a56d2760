"""All OData routes below one blueprint: each answer says its version."""

from __future__ import annotations

from flask import Blueprint

from . import entities, envelopes


def make_blueprint() -> Blueprint:
    bp = Blueprint("odata", __name__)
    bp.register_blueprint(entities.bp)
    bp.register_blueprint(entities.metadata_bp)
    bp.after_request(envelopes.add_version)
    return bp
