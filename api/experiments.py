"""Experiments over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, request, stream_with_context
from werkzeug.wrappers import Response as AnyResponse

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.experiments import (
    CompletionQuery,
    ContinueIn,
    EpochList,
    ExperimentIn,
    ExperimentList,
    ExperimentOut,
    ExperimentSearch,
    ExperimentTable,
    NameIn,
    OfferList,
    PreviewOut,
    TrainingIn,
)
from api.schemas.jobs import PriorityIn
from services.continuing_service import ContinuedTrainingService
from services.experiment_service import ExperimentService
from services.experiments.views import ExperimentView
from services.search_service import SearchService

blueprint = Blueprint("experiments", __name__)


@blueprint.get("/experiments")
@describes(answer=ExperimentList, query=ExperimentSearch)
def index() -> Response:
    """Experiments that a search finds, the best or newest first; all of them without one."""
    asked = ExperimentSearch.model_validate(request.args.to_dict())
    found = SearchService.find_experiments(
        asked.query, asked.limit, asked.offset, asked.value_names, asked.sort
    )
    answer = ExperimentList.model_validate(
        {
            "items": found["results"],
            "total": found["total_count"],
            "suggestions": found["suggestions"],
        }
    )
    return as_json(answer)


@blueprint.get("/experiments.csv")
@describes(query=ExperimentTable, answers_bytes="text/csv")
def export() -> Response:
    """All that a search finds as a table."""
    asked = ExperimentTable.model_validate(request.args.to_dict())
    pieces = SearchService.export_experiments(asked.query, asked.value_names, asked.sort)
    answer = Response(stream_with_context(pieces), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=experiments.csv"
    return answer


@blueprint.get("/experiments/complete")
@describes(answer=OfferList, query=CompletionQuery)
def complete() -> Response:
    """What could be typed at a place of a search."""
    asked = CompletionQuery.model_validate(request.args.to_dict())
    offers = SearchService.complete(asked.query, asked.position)
    return as_json(OfferList.model_validate({"items": offers}))


@blueprint.post("/experiments")
@describes(answer=ExperimentOut, status=201, body=ExperimentIn)
def create() -> tuple[Response, int]:
    """Make an experiment and have it trained."""
    asked = ExperimentIn.model_validate(request.get_json())
    made = ExperimentService.create_experiment(asked.name, asked.version_id, asked.config)
    return _body(made), 201


@blueprint.post("/experiments/preview")
@describes(answer=PreviewOut, body=TrainingIn, reads=True)
def preview() -> Response:
    """What a training would learn from and be tested on; nothing is kept."""
    asked = TrainingIn.model_validate(request.get_json())
    found = ExperimentService.preview_split(asked.version_id, asked.config)
    return as_json(PreviewOut.model_validate(found))


@blueprint.get("/experiments/<int:experiment_id>")
@describes(answer=ExperimentOut)
def read(experiment_id: int) -> AnyResponse:
    """One experiment; poll it with its ETag."""
    answer = _body(ExperimentService.get_experiment(experiment_id))
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.patch("/experiments/<int:experiment_id>")
@describes(answer=ExperimentOut, body=NameIn)
def rename(experiment_id: int) -> Response:
    """Give an experiment another name."""
    asked = NameIn.model_validate(request.get_json())
    return _body(ExperimentService.rename_experiment(experiment_id, asked.name))


@blueprint.get("/experiments/<int:experiment_id>/epochs")
@describes(answer=EpochList)
def epochs(experiment_id: int) -> AnyResponse:
    """The epochs that are over."""
    found = EpochList.model_validate({"items": ExperimentService.list_epochs(experiment_id)})
    answer = as_json(found)
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.post("/experiments/<int:experiment_id>/pause")
@describes(answer=ExperimentOut)
def pause(experiment_id: int) -> Response:
    """Let a training rest."""
    return _body(ExperimentService.pause_experiment(experiment_id))


@blueprint.post("/experiments/<int:experiment_id>/resume")
@describes(answer=ExperimentOut)
def resume(experiment_id: int) -> Response:
    """Let a training go on that rests, failed or was cancelled."""
    return _body(ExperimentService.resume_experiment(experiment_id))


@blueprint.post("/experiments/<int:experiment_id>/continue")
@describes(answer=ExperimentOut, status=201, body=ContinueIn)
def go_on(experiment_id: int) -> tuple[Response, int]:
    """Train a finished network on for some epochs, as a new experiment on the same split."""
    asked = ContinueIn.model_validate(request.get_json())
    made = ContinuedTrainingService.continue_experiment(
        experiment_id, asked.epochs, asked.learning_rate
    )
    return _body(made), 201


@blueprint.put("/experiments/<int:experiment_id>/priority")
@describes(answer=ExperimentOut, body=PriorityIn)
def prioritise(experiment_id: int) -> Response:
    """Let a training that waits begin before others, or after them."""
    asked = PriorityIn.model_validate(request.get_json())
    return _body(ExperimentService.set_priority(experiment_id, asked.priority))


@blueprint.post("/experiments/<int:experiment_id>/cancel")
@describes(answer=ExperimentOut)
def cancel(experiment_id: int) -> Response:
    """End a training."""
    return _body(ExperimentService.cancel_experiment(experiment_id))


def _body(experiment: ExperimentView) -> Response:
    return as_json(ExperimentOut.model_validate(experiment))
