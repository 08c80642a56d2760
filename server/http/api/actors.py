"""Actors as other resources name them."""

from __future__ import annotations

from marshmallow import Schema, fields

from .bodies import Timestamp


class ActorSchema(Schema):
    """Who did it, with extended metadata."""

    id = fields.Integer()
    type = fields.String()
    display_name = fields.String(data_key="displayName")
    created_at = Timestamp(data_key="createdAt")
    updated_at = Timestamp(data_key="updatedAt")
    deleted_at = Timestamp(data_key="deletedAt")
