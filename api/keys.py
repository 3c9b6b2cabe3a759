"""One's own API keys over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.keys import (
    KeyIn,
    KeyList,
    KeyOut,
    KeyQuery,
    KeyUsageOut,
    KeyUsageQuery,
    NewKeyOut,
    RotatedKeyOut,
    RotationIn,
)
from services import actor
from services.api_key_service import APIKeyService

blueprint = Blueprint("keys", __name__)


@blueprint.get("/keys")
@describes(answer=KeyList, query=KeyQuery)
def index() -> Response:
    """One's own keys, newest first."""
    asked = KeyQuery.model_validate(request.args.to_dict())
    found = APIKeyService.list_user_keys(actor.myself(), asked.include_inactive)
    answer = KeyList(items=[KeyOut.model_validate(key) for key in found], total=len(found))
    return as_json(answer)


@blueprint.post("/keys")
@describes(answer=NewKeyOut, status=201, body=KeyIn)
def create() -> tuple[Response, int]:
    """Make a key; it is shown in this answer and never again."""
    asked = KeyIn.model_validate(request.get_json())
    made = APIKeyService.generate_key(
        actor.myself(),
        asked.name,
        asked.environment,
        asked.rate_limit,
        asked.expires_in_days,
        asked.scopes,
    )
    return _secret(NewKeyOut.model_validate(made)), 201


@blueprint.get("/keys/<int:key_id>")
@describes(answer=KeyOut)
def read(key_id: int) -> Response:
    """One of one's own keys."""
    found = APIKeyService.get_key(key_id, actor.myself())
    return as_json(KeyOut.model_validate(found))


@blueprint.get("/keys/<int:key_id>/usage")
@describes(answer=KeyUsageOut, query=KeyUsageQuery)
def usage(key_id: int) -> Response:
    """How much a key was used in the last hours."""
    asked = KeyUsageQuery.model_validate(request.args.to_dict())
    found = APIKeyService.get_key_usage_stats(key_id, asked.hours)
    return as_json(KeyUsageOut.model_validate(found))


@blueprint.post("/keys/<int:key_id>/rotate")
@describes(answer=RotatedKeyOut, status=201, body=RotationIn)
def rotate(key_id: int) -> tuple[Response, int]:
    """Make a key like this one; both are good for some hours."""
    asked = RotationIn.model_validate(request.get_json())
    made = APIKeyService.rotate_key(key_id, actor.myself(), asked.overlap_hours)
    return _secret(RotatedKeyOut.model_validate(made)), 201


@blueprint.delete("/keys/<int:key_id>")
@describes(status=204)
def revoke(key_id: int) -> tuple[str, int]:
    """End a key at once, everywhere."""
    key = APIKeyService.get_key(key_id, actor.myself())
    APIKeyService.revoke_key(key.id, key.user_id)
    return "", 204


def _secret(made: NewKeyOut) -> Response:
    answer = as_json(made)
    answer.headers["Cache-Control"] = "no-store"
    return answer
