"""Tags of experiments over HTTP."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.paging import Paging
from api.schemas.tags import TagIn, TagList, TagOut
from services.errors import NotFound
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from services.tag_service import TagService

blueprint = Blueprint("tags", __name__)


@blueprint.get("/tags")
@describes(answer=TagList, query=Paging)
def index() -> Response:
    """All tags, those that are used most first."""
    page = Paging.model_validate(request.args.to_dict())
    with unit_of_work(writing=False) as session:
        found = TagService.list_tags(session, page.limit, page.offset)
        total = TagService.get_tag_statistics(session)["total_tags"]
    return _list(found, total)


@blueprint.get("/experiments/<int:experiment_id>/tags")
@describes(answer=TagList)
def read(experiment_id: int) -> Response:
    """The tags of an experiment, by name."""
    ExperimentService.get_experiment(experiment_id)  # 404 where there is none
    with unit_of_work(writing=False) as session:
        found = TagService.get_experiment_tags(session, experiment_id)
    return _list(found, len(found))


@blueprint.post("/experiments/<int:experiment_id>/tags")
@describes(answer=TagList, body=TagIn)
def add(experiment_id: int) -> Response:
    """Put a tag on an experiment; its tags."""
    asked = TagIn.model_validate(request.get_json())
    with unit_of_work() as session:
        TagService.add_tag_to_experiment(session, experiment_id, asked.name, color=asked.color)
        found = TagService.get_experiment_tags(session, experiment_id)
    return _list(found, len(found))


@blueprint.delete("/experiments/<int:experiment_id>/tags/<int:tag_id>")
@describes(status=204)
def remove(experiment_id: int, tag_id: int) -> tuple[str, int]:
    """Take a tag off an experiment."""
    with unit_of_work() as session:
        changed = TagService.remove_tag_from_experiment(session, experiment_id, tag_id)
    if not changed["changed"]:
        raise NotFound(f"Experiment {experiment_id} has no tag {tag_id}.")
    return "", 204


def _list(found: Sequence[object], total: int) -> Response:
    answer = TagList(items=[TagOut.model_validate(tag) for tag in found], total=total)
    return as_json(answer)
