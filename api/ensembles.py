"""Votes of finished experiments over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.ensembles import EnsembleIn, EnsembleOut, EnsemblePlanIn, EnsemblePlanOut
from api.schemas.experiments import ExperimentOut
from services.ensemble_service import EnsembleService
from services.errors import NotFound

blueprint = Blueprint("ensembles", __name__)


@blueprint.post("/ensembles")
@describes(answer=ExperimentOut, status=201, body=EnsembleIn)
def create() -> tuple[Response, int]:
    """Make an experiment of the vote of finished ones, and have it tested."""
    asked = EnsembleIn.model_validate(request.get_json())
    made = EnsembleService.create_ensemble(
        asked.name, asked.experiment_ids, asked.voting, asked.weighting, asked.weights
    )
    return as_json(ExperimentOut.model_validate(made)), 201


@blueprint.post("/ensembles/preview")
@describes(answer=EnsemblePlanOut, body=EnsemblePlanIn, reads=True)
def preview() -> Response:
    """What a vote would be tested on; nothing is kept."""
    asked = EnsemblePlanIn.model_validate(request.get_json())
    found = EnsembleService.preview_ensemble(
        asked.experiment_ids, asked.voting, asked.weighting, asked.weights
    )
    return as_json(EnsemblePlanOut.model_validate(found))


@blueprint.get("/experiments/<int:experiment_id>/ensemble")
@describes(answer=EnsembleOut)
def read(experiment_id: int) -> Response:
    """Who votes in an experiment, how, and what each is worth on the same recordings."""
    found = EnsembleService.find_ensemble(experiment_id)
    if found is None:
        raise NotFound(f"There is no ensemble {experiment_id}.")
    return as_json(EnsembleOut.model_validate(found))
