"""What an experiment came to, as files."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, send_file

from api.openapi import describes
from services.evaluation_service import EvaluationService

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
