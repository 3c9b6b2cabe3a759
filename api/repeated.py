"""Repeated experiments over HTTP: cross-validation by group, and several seeds."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.jobs import PriorityIn
from api.schemas.paging import Paging
from api.schemas.repeated import (
    BlockComparisonOut,
    BlockComparisonQuery,
    CurveList,
    RepeatedIn,
    RepeatedList,
    RepeatedOut,
    RepeatedPlanIn,
    RepeatedPlanOut,
)
from services.block_comparison_service import BlockComparisonService
from services.repeated.views import RepeatedView
from services.repeated_service import RepeatedExperimentService

blueprint = Blueprint("repeated", __name__)


@blueprint.get("/repeated-experiments")
@describes(answer=RepeatedList, query=Paging)
def index() -> Response:
    """Repeated experiments, newest first."""
    page = Paging.model_validate(request.args.to_dict())
    items = RepeatedExperimentService.list_repeated(page.limit, page.offset)
    total = RepeatedExperimentService.count_repeated()
    answer = RepeatedList.model_validate({"items": items, "total": total})
    return as_json(answer)


@blueprint.post("/repeated-experiments")
@describes(answer=RepeatedOut, status=201, body=RepeatedIn)
def create() -> tuple[Response, int]:
    """Have one experiment trained for every fold and seed."""
    asked = RepeatedIn.model_validate(request.get_json())
    made = RepeatedExperimentService.create_repeated(
        asked.name, asked.version_id, asked.config, asked.seeds
    )
    return _body(made), 201


@blueprint.post("/repeated-experiments/preview")
@describes(answer=RepeatedPlanOut, body=RepeatedPlanIn, reads=True)
def preview() -> Response:
    """What each fold would test; nothing is kept."""
    asked = RepeatedPlanIn.model_validate(request.get_json())
    found = RepeatedExperimentService.plan_runs(asked.version_id, asked.config, asked.seeds)
    return as_json(RepeatedPlanOut.model_validate(found))


@blueprint.get("/repeated-experiments/comparison")
@describes(answer=BlockComparisonOut, query=BlockComparisonQuery)
def compare() -> Response:
    """Repeated experiments compared over the folds and seeds that all of them have."""
    asked = BlockComparisonQuery.model_validate(request.args.to_dict())
    found = BlockComparisonService.compare_repeated(asked.numbers, asked.score)
    return as_json(BlockComparisonOut.model_validate(found))


@blueprint.get("/repeated-experiments/<int:repeated_id>")
@describes(answer=RepeatedOut)
def read(repeated_id: int) -> AnyResponse:
    """One repeated experiment with its runs; poll it with its ETag."""
    answer = _body(RepeatedExperimentService.get_repeated(repeated_id))
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.get("/repeated-experiments/<int:repeated_id>/curves")
@describes(answer=CurveList)
def curves(repeated_id: int) -> Response:
    """The epochs of every run that are over."""
    items = RepeatedExperimentService.list_curves(repeated_id)
    return as_json(CurveList.model_validate({"items": items}))


@blueprint.post("/repeated-experiments/<int:repeated_id>/pause")
@describes(answer=RepeatedOut)
def pause(repeated_id: int) -> Response:
    """Let all runs rest that train or wait."""
    return _body(RepeatedExperimentService.pause_repeated(repeated_id))


@blueprint.post("/repeated-experiments/<int:repeated_id>/resume")
@describes(answer=RepeatedOut)
def resume(repeated_id: int) -> Response:
    """Let all runs go on that rest, failed or were cancelled."""
    return _body(RepeatedExperimentService.resume_repeated(repeated_id))


@blueprint.put("/repeated-experiments/<int:repeated_id>/priority")
@describes(answer=RepeatedOut, body=PriorityIn)
def prioritise(repeated_id: int) -> Response:
    """Let all runs that wait begin before other trainings, or after them."""
    asked = PriorityIn.model_validate(request.get_json())
    return _body(RepeatedExperimentService.set_priority(repeated_id, asked.priority))


@blueprint.post("/repeated-experiments/<int:repeated_id>/cancel")
@describes(answer=RepeatedOut)
def cancel(repeated_id: int) -> Response:
    """End all runs that are not over."""
    return _body(RepeatedExperimentService.cancel_repeated(repeated_id))


@blueprint.delete("/repeated-experiments/<int:repeated_id>")
@describes(status=204)
def delete(repeated_id: int) -> tuple[str, int]:
    """Delete it with all runs."""
    RepeatedExperimentService.delete_repeated(repeated_id)
    return "", 204


def _body(repeated: RepeatedView) -> Response:
    return as_json(RepeatedOut.model_validate(repeated))
