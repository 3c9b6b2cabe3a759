"""What trained classifiers say of recordings, over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.predictions import (
    AskedQuery,
    AskIn,
    ClassifierList,
    ClassifierQuery,
    PredictionOut,
)
from services.errors import NotFound
from services.prediction_service import PredictionService

blueprint = Blueprint("predictions", __name__)


@blueprint.get("/classifiers")
@describes(answer=ClassifierList, query=ClassifierQuery)
def classifiers() -> Response:
    """Trained experiments and votes of them that can be asked, newest first."""
    asked = ClassifierQuery.model_validate(request.args.to_dict())
    found = {"items": PredictionService.list_classifiers(asked.limit)}
    return as_json(ClassifierList.model_validate(found))


@blueprint.post("/predictions")
@describes(answer=PredictionOut, status=202, body=AskIn)
def ask() -> tuple[Response, int]:
    """Have a recording named by a classifier; ask with GET until the status is “done”."""
    asked = AskIn.model_validate(request.get_json())
    PredictionService.request_prediction(asked.experiment_id, asked.recording_id)
    return _found(asked.experiment_id, asked.recording_id), 202


@blueprint.get("/predictions")
@describes(answer=PredictionOut, query=AskedQuery)
def read() -> Response:
    """The newest prediction for a recording, or how far it is."""
    asked = AskedQuery.model_validate(request.args.to_dict())
    return _found(asked.experiment_id, asked.recording_id)


def _found(experiment_id: int, recording_id: int) -> Response:
    found = PredictionService.find_prediction(experiment_id, recording_id)
    if found is None:
        raise NotFound("Nobody has asked this experiment for this recording yet. Ask with POST.")
    return as_json(PredictionOut.model_validate(found))
