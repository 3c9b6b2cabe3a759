"""One's own saved searches over HTTP; ``GET /experiments?query=…`` runs any."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.saved_searches import SavedSearchIn, SavedSearchList, SavedSearchOut
from services import actor
from services.errors import NotFound
from services.runtime import unit_of_work
from services.search_service import SearchService

blueprint = Blueprint("saved_searches", __name__)


@blueprint.get("/saved-searches")
@describes(answer=SavedSearchList)
def index() -> Response:
    """One's own searches: pinned ones first, then by name."""
    with unit_of_work(writing=False) as session:
        found = SearchService.get_saved_searches(session, actor.myself())
    items = [SavedSearchOut.model_validate(one) for one in found]
    return as_json(SavedSearchList(items=items, total=len(items)))


@blueprint.post("/saved-searches")
@describes(answer=SavedSearchOut, status=201, body=SavedSearchIn)
def save() -> tuple[Response, int]:
    """Keep a search under a name; one of the same name is replaced."""
    asked = SavedSearchIn.model_validate(request.get_json())
    with unit_of_work() as session:
        kept = SearchService.save_search(
            session, actor.myself(), asked.name, asked.query, asked.is_pinned
        )
    return as_json(SavedSearchOut.model_validate(kept)), 201


@blueprint.delete("/saved-searches/<int:search_id>")
@describes(status=204)
def delete(search_id: int) -> tuple[str, int]:
    """Forget a search."""
    with unit_of_work() as session:
        is_gone = SearchService.delete_saved_search(session, search_id, actor.myself())
    if not is_gone:
        raise NotFound(f"You have no saved search {search_id}.")
    return "", 204
