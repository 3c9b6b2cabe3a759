"""Batches and comparisons of detections over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, stream_with_context, url_for
from pydantic import BaseModel

from api.openapi import describes
from api.schemas.anomalies import AnomalyPaging
from api.schemas.anomaly_batches import (
    AnomalyBatchList,
    AnomalyComparisonList,
    AnomalyComparisonOut,
    CompareIn,
    CompareListQuery,
    CompareQuery,
    DetectionBatchIn,
    DetectionBatchItems,
    DetectionBatchOut,
    RecordList,
    RecordsQuery,
)
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService

JSON, CSV = "application/json", "text/csv"

blueprint = Blueprint("anomaly_batches", __name__)


@blueprint.post("/anomaly/batch")
@describes(answer=DetectionBatchOut, status=201, body=DetectionBatchIn)
def create_batch() -> tuple[Response, int, dict[str, str]]:
    """Ask several sources the same; the workers share them."""
    asked = DetectionBatchIn.model_validate(request.get_json())
    batch_id = AnomalyBatchService.create_batch(
        asked.source_ids,
        asked.name,
        asked.algorithm,
        asked.config,
        asked.sample_size,
        alarm_from=asked.alarm_from,
    )
    where = url_for("api.anomaly_batches.read_batch", batch_id=batch_id)
    return _batch(AnomalyBatchService.get_batch(batch_id)), 201, {"Location": where}


@blueprint.get("/anomaly/batch")
@describes(answer=AnomalyBatchList, query=AnomalyPaging)
def batches() -> Response:
    """Batches, newest first."""
    page = AnomalyPaging.model_validate(request.args.to_dict())
    data = AnomalyBatchService.list_batches(page.limit, page.offset)
    total = AnomalyBatchService.count_batches()
    found = {"data": data, "total": total, "offset": page.offset, "limit": page.limit}
    return _json(AnomalyBatchList.model_validate(found))


@blueprint.get("/anomaly/batch/<string:batch_id>")
@describes(answer=DetectionBatchOut)
def read_batch(batch_id: str) -> Response:
    """One batch and how far it is."""
    return _batch(AnomalyBatchService.get_batch(batch_id))


@blueprint.get("/anomaly/batch/<string:batch_id>/results")
@describes(answer=DetectionBatchItems)
def batch_results(batch_id: str) -> Response:
    """What was found in each source, as a bare array."""
    return _json(
        DetectionBatchItems.model_validate(AnomalyBatchService.get_batch(batch_id)["results"])
    )


@blueprint.post("/anomaly/batch/<string:batch_id>/cancel")
@describes(answer=DetectionBatchOut)
def cancel_batch(batch_id: str) -> Response:
    """Stop what has not ended; what is done stays."""
    return _batch(AnomalyBatchService.cancel_batch(batch_id))


@blueprint.delete("/anomaly/batch/<string:batch_id>")
@describes(status=204)
def delete_batch(batch_id: str) -> tuple[str, int]:
    """Delete a batch with its detections."""
    AnomalyBatchService.delete_batch(batch_id)
    return "", 204


@blueprint.post("/anomaly/compare")
@describes(answer=AnomalyComparisonOut, status=201, query=CompareQuery, body=CompareIn)
def compare() -> tuple[Response, int, dict[str, str]]:
    """Let a worker run several algorithms on the same rows, and wait some seconds for it."""
    where_to = CompareQuery.model_validate(request.args.to_dict())
    asked = CompareIn.model_validate(request.get_json())
    comparison_id = AnomalyComparisonService.create_comparison(
        where_to.source_id,
        asked.algorithms,
        asked.columns,
        asked.config,
        asked.sample_size,
        None if asked.fit_on is None else asked.fit_on.model_dump(),
    )
    found = AnomalyComparisonService.wait(comparison_id, where_to.wait)
    where = url_for("api.anomaly_batches.read_comparison", comparison_id=comparison_id)
    return _comparison(found), 201, {"Location": where}


@blueprint.get("/anomaly/compare")
@describes(answer=AnomalyComparisonList, query=CompareListQuery)
def comparisons() -> Response:
    """Comparisons, newest first, without their records."""
    page = CompareListQuery.model_validate(request.args.to_dict())
    data = AnomalyComparisonService.list_comparisons(page.source_id, page.limit, page.offset)
    total = AnomalyComparisonService.count_comparisons(page.source_id)
    found = {"data": data, "total": total, "offset": page.offset, "limit": page.limit}
    return _json(AnomalyComparisonList.model_validate(found))


@blueprint.get("/anomaly/compare/<string:comparison_id>")
@describes(answer=AnomalyComparisonOut)
def read_comparison(comparison_id: str) -> Response:
    """One comparison with the rows that most algorithms flag."""
    return _comparison(AnomalyComparisonService.get_comparison(comparison_id))


@blueprint.get("/anomaly/compare/<string:comparison_id>/records")
@describes(answer=RecordList, query=RecordsQuery, also_bytes=CSV)
def records(comparison_id: str) -> Response:
    """All rows that an algorithm flags, those that most flag first: a page, or all as CSV."""
    page = RecordsQuery.model_validate(request.args.to_dict())
    by_accept = request.accept_mimetypes.best_match([JSON, CSV], JSON)
    if page.format == "csv" or (page.format is None and by_accept == CSV):
        pieces = AnomalyComparisonService.export_csv(comparison_id)
        answer = Response(stream_with_context(pieces), mimetype=CSV)
        name = f"comparison_{comparison_id}.csv"
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer
    found = AnomalyComparisonService.list_records(comparison_id, page.limit, page.offset)
    shown = {"data": found["records"], "total": found["total"]}
    paging = {"offset": page.offset, "limit": page.limit}
    return _json(RecordList.model_validate({**shown, **paging}))


@blueprint.delete("/anomaly/compare/<string:comparison_id>")
@describes(status=204)
def delete_comparison(comparison_id: str) -> tuple[str, int]:
    """Delete a comparison."""
    AnomalyComparisonService.delete_comparison(comparison_id)
    return "", 204


def _batch(found: Any) -> Response:
    return _json(DetectionBatchOut.model_validate(found))


def _comparison(found: Any) -> Response:
    return _json(AnomalyComparisonOut.model_validate(found))


def _json(found: BaseModel) -> Response:
    return jsonify(found.model_dump(mode="json"))
