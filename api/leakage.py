"""Leaks in the split of an experiment, and the same under another kind of split."""

from __future__ import annotations

from flask import Blueprint, Response

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.experiments import ExperimentOut
from api.schemas.jobs import JobOut
from api.schemas.leakage import GapOut, LeakageOut
from services.errors import NotFound
from services.job_service import JobService
from services.leakage_service import LeakageService

blueprint = Blueprint("leakage", __name__, url_prefix="/experiments/<int:experiment_id>")


@blueprint.get("/leakage")
@describes(answer=LeakageOut)
def read(experiment_id: int) -> Response:
    """The verdict on the split of an experiment, with every check."""
    found = LeakageService.get_leakage(experiment_id)
    if found is None:
        raise NotFound("The split of this experiment was never checked for leaks.")
    return as_json(LeakageOut.model_validate(found))


@blueprint.post("/leakage")
@describes(answer=JobOut, status=202)
def check(experiment_id: int) -> tuple[Response, int]:
    """Check the stored split of a trained experiment, by a job."""
    job_id = LeakageService.request_check(experiment_id)
    found = JobOut.model_validate(JobService.get_job(job_id))
    return as_json(found), 202


@blueprint.post("/counterpart")
@describes(answer=ExperimentOut, status=201)
def set_against(experiment_id: int) -> tuple[Response, int]:
    """Train the same under the other kind of split; one that is there already is given back."""
    made = LeakageService.create_counterpart(experiment_id)
    return as_json(ExperimentOut.model_validate(made)), 201


@blueprint.get("/gap")
@describes(answer=GapOut)
def gap(experiment_id: int) -> Response:
    """What lies between the scores under random windows and under the split by group."""
    found = LeakageService.get_gap(experiment_id)
    if found is None:
        raise NotFound("This experiment was not trained under the other kind of split yet.")
    return as_json(GapOut.model_validate(found))
