"""Served models asked about whole data sets over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.model_batches import (
    ModelBatchIn,
    ModelBatchList,
    ModelBatchOut,
    ModelBatchQuery,
    ModelBatchRowList,
    ModelBatchRowQuery,
)
from services.deployment.batch_service import BatchPredictionService

blueprint = Blueprint("model_batches", __name__)


@blueprint.post("/models/<name>/batches")
@describes(answer=ModelBatchOut, status=202, body=ModelBatchIn)
def create(name: str) -> tuple[Response, int]:
    """Ask a version of a model about all recordings of a data set, by a job."""
    asked = ModelBatchIn.model_validate(request.get_json())
    batch_id = BatchPredictionService.request_batch(name, asked.version_id, asked.version)
    return _batch(batch_id), 202


@blueprint.get("/model-batches")
@describes(answer=ModelBatchList, query=ModelBatchQuery)
def index() -> Response:
    """What models were asked about data sets, newest first."""
    asked = ModelBatchQuery.model_validate(request.args.to_dict())
    found = {
        "items": BatchPredictionService.list_batches(asked.limit, asked.offset, asked.model),
        "total": BatchPredictionService.count_batches(asked.model),
    }
    return as_json(ModelBatchList.model_validate(found))


@blueprint.get("/model-batches/<int:model_batch_id>")
@describes(answer=ModelBatchOut)
def read(model_batch_id: int) -> Response:
    """One batch, how far it is, and its summary at the end."""
    return _batch(model_batch_id)


@blueprint.get("/model-batches/<int:model_batch_id>/rows")
@describes(answer=ModelBatchRowList, query=ModelBatchRowQuery)
def rows(model_batch_id: int) -> Response:
    """What was said of each recording, or why nothing was."""
    asked = ModelBatchRowQuery.model_validate(request.args.to_dict())
    found = {
        "items": BatchPredictionService.list_rows(
            model_batch_id, asked.limit, asked.offset, asked.predicted
        ),
        "total": BatchPredictionService.count_rows(model_batch_id, asked.predicted),
    }
    return as_json(ModelBatchRowList.model_validate(found))


@blueprint.get("/model-batches/<int:model_batch_id>/rows.csv")
@describes(answers_bytes="text/csv")
def export(model_batch_id: int) -> Response:
    """All rows, with a column for the probability of each class."""
    text = BatchPredictionService.export_rows(model_batch_id)
    headers = {"Content-Disposition": f'attachment; filename="model-batch-{model_batch_id}.csv"'}
    return Response("\ufeff" + text, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.delete("/model-batches/<int:model_batch_id>")
@describes(status=204)
def remove(model_batch_id: int) -> tuple[str, int]:
    """Delete a batch that has ended, with its rows."""
    BatchPredictionService.delete_batch(model_batch_id)
    return "", 204


def _batch(batch_id: int) -> Response:
    return as_json(ModelBatchOut.model_validate(BatchPredictionService.get_batch(batch_id)))
