"""Generated data sets over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.generate import EstimateOut, GenerateIn
from api.schemas.jobs import JobOut
from services.job_service import JobService
from services.synthesis_service import SynthesisService

blueprint = Blueprint("generate", __name__)


@blueprint.post("/datasets/generate")
@describes(answer=JobOut, status=202, body=GenerateIn)
def submit() -> tuple[Response, int]:
    """Generate a data set by a job; its result has the id of the data set."""
    asked = GenerateIn.model_validate(request.get_json())
    job_id = SynthesisService.request_dataset(asked.name, asked.config)
    job = JobOut.model_validate(JobService.get_job(job_id))
    return as_json(job), 202


@blueprint.post("/datasets/generate/estimate")
@describes(answer=EstimateOut, body=GenerateIn, reads=True)
def estimate() -> Response:
    """What it would take; nothing is generated."""
    asked = GenerateIn.model_validate(request.get_json())
    config = SynthesisService.complete_config(asked.config)
    found = EstimateOut.model_validate({**SynthesisService.estimate(config), "config": config})
    return as_json(found)
