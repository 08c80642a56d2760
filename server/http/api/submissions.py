"""…/submissions: review states and comments (central-api.md §10)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from marshmallow import Schema, fields

from server.actions.readings import log_reading
from server.actions.reviewing import Decision, add_comment, set_review_state
from server.auth.gate import require_submission
from server.auth.roles import Verb
from server.db import transaction
from server.errors import FieldMissing, ValueNotAllowed
from server.models import Actor, Comment, ReviewState
from server.queries import actors, comments, forms
from server.queries.submissions import get_of_form

from .actors import ActorSchema
from .bodies import Body, Timestamp, is_extended, read
from .callers import identify

bp = Blueprint(
    "submissions",
    __name__,
    url_prefix="/projects/<id:project_id>/forms/<segment:xml_form_id>/submissions",
)


class State(fields.Field[ReviewState]):
    """A review state; `received` is null."""

    def _serialize(self, value: ReviewState | None, *_: Any, **__: Any) -> str | None:
        return value.in_central if value is not None else None

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> ReviewState:
        known = {state.in_central: state for state in ReviewState if state.in_central}
        if not isinstance(value, str) or value not in known:
            raise ValueNotAllowed(field="state", value=str(value)[:100], reason=", ".join(known))
        return known[value]


class SubmissionSchema(Schema):
    """What PATCH answers: the list's object without its versions."""

    instance_id = fields.String(data_key="instanceId")
    submitter_id = fields.Integer(data_key="submitterId")
    device_id = fields.String(data_key="deviceId")
    created_at = Timestamp(data_key="createdAt")
    updated_at = Timestamp(data_key="updatedAt")
    review_state = State(data_key="reviewState")
    deleted_at = Timestamp(data_key="deletedAt")


class Review(Body):
    """The state to set."""

    review_state = State(data_key="reviewState", allow_none=True)


class NewComment(Body):
    """What to say."""

    body = fields.String(required=True)


class CommentSchema(Schema):
    """What was said."""

    body = fields.String()
    actor_id = fields.Integer(data_key="actorId")
    created_at = Timestamp(data_key="createdAt")


@bp.patch("/<segment:instance_id>")
def review(project_id: int, xml_form_id: str, instance_id: str) -> Response:
    """Central's clients say why by a comment of its own, or by X-Action-Notes."""
    by = identify().caller
    given = read(Review())
    if "review_state" not in given:
        raise FieldMissing(field="reviewState")
    state = given["review_state"] or ReviewState.RECEIVED
    with transaction():
        submission = get_of_form(project_id, xml_form_id, instance_id)
        decision = Decision(state, must_explain=False)
        set_review_state(submission, decision, by=by, asked=instance_id)
    return jsonify(SubmissionSchema().dump(get_of_form(project_id, xml_form_id, instance_id)))


@bp.get("/<segment:instance_id>/comments")
def list_comments(project_id: int, xml_form_id: str, instance_id: str) -> Response:
    by = identify().caller
    submission = get_of_form(project_id, xml_form_id, instance_id)
    form = forms.get_form_by_id(submission.form_id)
    require_submission(by, Verb.SUBMISSION_READ, submission, form, asked=instance_id)
    log_reading(by, "submission.read", "submission", submission.id)
    return jsonify([_dump(comment, who) for comment, who in comments.list_comments(submission.id)])


@bp.post("/<segment:instance_id>/comments")
def comment(project_id: int, xml_form_id: str, instance_id: str) -> Response:
    by = identify().caller
    body = read(NewComment())["body"]
    with transaction():
        submission = get_of_form(project_id, xml_form_id, instance_id)
        said = add_comment(submission, body, by=by, asked=instance_id)
        answer = _dump(said, actors.get_actor(said.actor_id) if said.actor_id else None)
    return jsonify(answer)


def _dump(said: Comment, who: Actor | None) -> dict[str, Any]:
    dumped: dict[str, Any] = dict(CommentSchema().dump(said))
    if is_extended():
        dumped["actor"] = ActorSchema().dump(who) if who else None
    return dumped
