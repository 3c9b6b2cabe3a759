"""What an experiment came to, as files."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request, send_file

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.evaluations import EvaluationIn, PartQuery, RobustnessOut
from api.schemas.jobs import JobOut
from services.errors import NotFound
from services.evaluation_service import EvaluationService
from services.evaluation_view_service import EvaluationViewService
from services.job_service import JobService

blueprint = Blueprint("results", __name__, url_prefix="/experiments/<int:experiment_id>")


@blueprint.get("/predictions.csv")
@describes(answers_bytes="text/csv")
def predictions(experiment_id: int) -> Response:
    """What an experiment said about every window of its test side, as a table."""
    text = EvaluationService.export_predictions(experiment_id)
    # With the mark that tells spreadsheets that it is UTF-8.
    return _attached("\ufeff" + text, "text/csv; charset=utf-8", experiment_id, "predictions.csv")


@blueprint.get("/report.json")
@describes(answers_bytes="application/json")
def report(experiment_id: int) -> Response:
    """The whole report on the test of an experiment."""
    return _json(EvaluationService.export_report(experiment_id), experiment_id, "report.json")


@blueprint.get("/config.json")
@describes(answers_bytes="application/json")
def config(experiment_id: int) -> Response:
    """What an experiment was asked to do; training it again takes the same."""
    return _json(EvaluationService.export_config(experiment_id), experiment_id, "config.json")


@blueprint.get("/evaluation.csv")
@describes(query=PartQuery, answers_bytes="text/csv")
def evaluation(experiment_id: int) -> Response:
    """A part of the evaluation as a table.

    Curves, calibration, risk, errors, robustness, or what was estimated beside the class.
    """
    asked = PartQuery.model_validate(request.args.to_dict())
    text = EvaluationViewService.export_part(experiment_id, asked.part, asked.level)
    name = f"{asked.part}-{asked.level}.csv"
    return _attached("\ufeff" + text, "text/csv; charset=utf-8", experiment_id, name)


@blueprint.post("/evaluations")
@describes(answer=JobOut, status=202, body=EvaluationIn)
def evaluate(experiment_id: int) -> tuple[Response, int]:
    """Try the robustness, or fit a temperature on the validation part, by a job."""
    asked = EvaluationIn.model_validate(request.get_json())
    job_id = EvaluationService.request_evaluation(
        experiment_id, asked.evaluation_type, asked.noise_levels
    )
    found = JobOut.model_validate(JobService.get_job(job_id))
    return as_json(found), 202


@blueprint.get("/robustness")
@describes(answer=RobustnessOut)
def robustness(experiment_id: int) -> Response:
    """Accuracy under noise and other disturbances, as the newest job found it."""
    found = EvaluationViewService.get_robustness(experiment_id)
    if found is None:
        raise NotFound("The robustness of this experiment was not tried yet.")
    return as_json(RobustnessOut.model_validate(found))


@blueprint.get("/checkpoint")
@describes(answers_bytes="application/octet-stream")
def checkpoint(experiment_id: int) -> Response:
    """The trained classifier of an experiment."""
    found = EvaluationService.export_checkpoint(experiment_id)
    return send_file(
        found["path"],
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=found["file_name"],
    )


def _json(content: dict[str, Any], experiment_id: int, name: str) -> Response:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    return _attached(text, "application/json", experiment_id, name)


def _attached(text: str, content_type: str, experiment_id: int, name: str) -> Response:
    answer = Response(text, content_type=content_type)
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="experiment-{experiment_id}-{name}"'
    )
    return answer
