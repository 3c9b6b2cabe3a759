"""Which parts of a recording spoke for a class, over HTTP."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.explanations import (
    ExplainedMethodsOut,
    ExplainedMethodsQuery,
    ExplainIn,
    ExplainManyIn,
    ExplanationEstimateOut,
    ExplanationEstimateQuery,
    ExplanationFacts,
    ExplanationListQuery,
    ExplanationOut,
    ExplanationQuery,
    ExplanationRows,
    ExplanationState,
    ExplanationStatisticsOut,
    ExplanationWindowQuery,
    FeatureSharesOut,
    FeatureSharesQuery,
    OverviewOut,
    OverviewQuery,
)
from models.base import plain_json
from services.errors import NotFound
from services.explanation_cache import ExplanationCache
from services.explanation_view_service import ExplanationViewService
from services.explanations.batches import ExplanationBatchService
from services.xai_service import XAIService

blueprint = Blueprint("explanations", __name__)

_NOT_YET = "This recording was not explained so for this class yet. Ask with POST."


@blueprint.post("/explanations")
@describes(answer=ExplanationState, status=202, body=ExplainIn)
def ask() -> tuple[Response, int]:
    """Have a recording explained; follow the job, then ask with GET."""
    asked = ExplainIn.model_validate(request.get_json())
    job_id = XAIService.request_explanation(
        asked.experiment_id,
        asked.recording_id,
        asked.target_class,
        asked.method,
        asked.parameters,
    )
    answer = ExplanationState(job_id=job_id, is_ready=job_id is None)
    return as_json(answer), 202


@blueprint.post("/explanations/batch")
@describes(answer=ExplanationState, status=202, body=ExplainManyIn)
def ask_many() -> tuple[Response, int]:
    """Have several recordings explained by several methods; follow the job, it can be cancelled."""
    asked = ExplainManyIn.model_validate(request.get_json())
    job_id = ExplanationBatchService.request_batch(
        asked.experiment_id,
        asked.recording_ids,
        asked.methods,
        asked.target_class,
        asked.parameters,
    )
    answer = ExplanationState(job_id=job_id, is_ready=job_id is None)
    return as_json(answer), 202


@blueprint.get("/explanations/overview")
@describes(answer=OverviewOut, query=OverviewQuery)
def look_over() -> Response:
    """What one method says of several recordings: the fault frequency, and the score cards."""
    asked = OverviewQuery.model_validate(request.args.to_dict())
    numbers = [int(number) for number in asked.recording_ids.split(",")]
    found = ExplanationBatchService.get_overview(
        asked.experiment_id, numbers, asked.method, asked.target_class
    )
    return as_json(OverviewOut.model_validate(found))


@blueprint.get("/explanations")
@describes(answer=ExplanationOut, query=ExplanationQuery)
def read() -> Response:
    """A stored explanation: how much each stretch of the recording spoke for the class."""
    asked = ExplanationQuery.model_validate(request.args.to_dict())
    found = ExplanationViewService.show(
        asked.experiment_id, asked.recording_id, asked.target_class, asked.window, asked.method
    )
    if found is None:
        raise NotFound(_NOT_YET)
    answer = ExplanationOut.model_validate(_lists(found))
    return as_json(answer)


@blueprint.get("/explanations/comparison")
@describes(answer=ExplainedMethodsOut, query=ExplainedMethodsQuery)
def compare() -> Response:
    """Stored methods side by side in one window: score cards, spectra, fault frequencies."""
    asked = ExplainedMethodsQuery.model_validate(request.args.to_dict())
    names = [name.strip() for name in asked.methods.split(",") if name.strip()]
    found = ExplanationViewService.compare(
        asked.experiment_id,
        asked.recording_id,
        asked.target_class,
        [(name, None) for name in names],
        asked.start_s,
    )
    return as_json(ExplainedMethodsOut.model_validate(_lists(found)))


@blueprint.get("/explanations/features")
@describes(answer=FeatureSharesOut, query=FeatureSharesQuery)
def read_features() -> Response:
    """What moved a classifier on features, feature by feature."""
    asked = FeatureSharesQuery.model_validate(request.args.to_dict())
    found = ExplanationViewService.show_features(
        asked.experiment_id, asked.recording_id, asked.target_class, asked.method
    )
    if found is None:
        raise NotFound(_NOT_YET)
    return as_json(FeatureSharesOut.model_validate(found))


@blueprint.get("/explanations/estimate")
@describes(answer=ExplanationEstimateOut, query=ExplanationEstimateQuery)
def estimate() -> Response:
    """Time and memory that an explanation will take, as far as something was measured."""
    asked = ExplanationEstimateQuery.model_validate(request.args.to_dict())
    numbers = asked.model_dump(include={"steps", "num_samples", "num_segments"}, exclude_none=True)
    found = XAIService.estimate_explanation(
        asked.experiment_id, asked.recording_id, asked.method, numbers
    )
    return as_json(ExplanationEstimateOut.model_validate(found))


@blueprint.get("/explanations/list")
@describes(answer=ExplanationRows, query=ExplanationListQuery)
def recent() -> Response:
    """Explanations of an experiment that fit its weights, newest first, without samples."""
    asked = ExplanationListQuery.model_validate(request.args.to_dict())
    rows = ExplanationCache.get_recent_explanations(asked.experiment_id, asked.limit)
    answer = ExplanationRows.model_validate({"explanations": rows})
    return as_json(answer)


@blueprint.get("/explanations/statistics")
@describes(answer=ExplanationStatisticsOut)
def statistics() -> Response:
    """How many explanations are kept, and how much room they take."""
    found = ExplanationCache.get_cache_statistics()
    return as_json(ExplanationStatisticsOut.model_validate(found))


@blueprint.get("/explanations/<int:explanation_id>")
@describes(answer=ExplanationFacts)
def facts(explanation_id: int) -> Response:
    """All of a stored explanation but its samples: score card, spectrum, fault frequencies."""
    found = ExplanationViewService.export_facts(explanation_id)
    return as_json(ExplanationFacts.model_validate(found))


@blueprint.get("/explanations/<int:explanation_id>/csv")
@describes(query=ExplanationWindowQuery, answers_bytes="text/csv")
def table(explanation_id: int) -> Response:
    """Relevance of each sample of a window, or of each feature, as a table."""
    asked = ExplanationWindowQuery.model_validate(request.args.to_dict())
    text = ExplanationViewService.export_csv(explanation_id, asked.window)
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="explanation-{explanation_id}.csv"'
    )
    return answer


@blueprint.delete("/explanations/<int:explanation_id>")
@describes(status=204)
def delete(explanation_id: int) -> tuple[str, int]:
    """Forget a stored explanation."""
    if not ExplanationCache.delete_explanation(explanation_id):
        raise NotFound(f"There is no explanation {explanation_id}.")
    return "", 204


def _lists(view: Any) -> Any:
    return plain_json(_listed(view))


def _listed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {name: _listed(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_listed(part) for part in value]
    return value
