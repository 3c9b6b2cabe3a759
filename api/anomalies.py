"""Detections of anomalies over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, stream_with_context, url_for
from pydantic import BaseModel

from api.openapi import describes
from api.schemas.anomalies import (
    AlgorithmList,
    AnomalyExplainIn,
    AnomalyPaging,
    AnomalyRowList,
    AnomalyRowsQuery,
    DetectIn,
    DetectionList,
    DetectionOut,
    ExplanationsOut,
    ExplanationsQuery,
    KeptExplanations,
    LabelList,
    LabelsIn,
    LabelsOut,
    MetricsOut,
    ThresholdIn,
    WaitQuery,
)
from services.anomalies.explanations import AnomalyExplanationService
from services.anomalies.labels import AnomalyLabelService
from services.anomalies.rows import AnomalyRowService
from services.anomaly_service import AnomalyService

blueprint = Blueprint("anomalies", __name__)

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"


@blueprint.post("/sources/<string:source_id>/anomaly/detect")
@describes(answer=DetectionOut, status=201, query=WaitQuery, body=DetectIn)
def detect(source_id: str) -> tuple[Response, int, dict[str, str]]:
    """Let a worker look for anomalies, and wait some seconds for it."""
    seconds = WaitQuery.model_validate(request.args.to_dict()).wait
    asked = DetectIn.model_validate(request.get_json())
    detection_id = AnomalyService.detect(
        source_id,
        asked.algorithm,
        asked.columns,
        asked.config,
        asked.sample_size,
        threshold_policy=asked.policy,
        fit_on=None if asked.fit_on is None else asked.fit_on.model_dump(),
        store_model=asked.store_model,
        alarm_from=asked.alarm_from,
    )
    where = url_for("api.anomalies.read", detection_id=detection_id)
    return _detection(AnomalyService.wait(detection_id, seconds)), 201, {"Location": where}


@blueprint.get("/sources/<string:source_id>/anomaly/detections")
@describes(answer=DetectionList, query=AnomalyPaging)
def index(source_id: str) -> Response:
    """Detections of a source, newest first."""
    page = AnomalyPaging.model_validate(request.args.to_dict())
    data = AnomalyService.list_detections(source_id, page.limit, page.offset)
    total = AnomalyService.count_detections(source_id)
    found = {"data": data, "total": total, "offset": page.offset, "limit": page.limit}
    return _json(DetectionList.model_validate(found))


@blueprint.get("/sources/<string:source_id>/anomaly/latest")
@describes(answer=DetectionOut)
def latest(source_id: str) -> Response:
    """The newest detection of a source."""
    return _detection(AnomalyService.latest_detection(source_id))


@blueprint.get("/anomaly/algorithms")
@describes(answer=AlgorithmList)
def algorithms() -> Response:
    """What can be run, with all parameters and the ranges that are enforced."""
    found = AnomalyService.list_algorithms()
    return _json(AlgorithmList.model_validate({"algorithms": found, "total": len(found)}))


@blueprint.get("/anomaly/<string:detection_id>")
@describes(answer=DetectionOut)
def read(detection_id: str) -> Response:
    """One detection with the highest scores."""
    return _detection(AnomalyService.get_detection(detection_id))


@blueprint.patch("/anomaly/<string:detection_id>")
@describes(answer=DetectionOut, body=ThresholdIn)
def set_threshold(detection_id: str) -> Response:
    """Flag rows anew by another threshold; nothing is fitted again."""
    kind, value = ThresholdIn.model_validate(request.get_json()).chosen
    return _detection(AnomalyService.set_threshold(detection_id, kind, value))


@blueprint.delete("/anomaly/<string:detection_id>")
@describes(status=204)
def delete(detection_id: str) -> tuple[str, int]:
    """Delete a detection with its scores and explanations."""
    AnomalyService.delete_detection(detection_id)
    return "", 204


@blueprint.get("/anomaly/<string:detection_id>/rows")
@describes(answer=AnomalyRowList, query=AnomalyRowsQuery, also_bytes=f"{CSV}, {PARQUET}")
def rows(detection_id: str) -> Response:
    """Every row's score and flag: a page as JSON, or all as CSV or Parquet, by ``Accept``."""
    asked = AnomalyRowsQuery.model_validate(request.args.to_dict())
    formats = {"json": JSON, "csv": CSV, "parquet": PARQUET}
    by_accept = request.accept_mimetypes.best_match([JSON, CSV, PARQUET], JSON)
    wanted = formats[asked.format] if asked.format else by_accept
    if wanted == CSV:
        pieces = AnomalyRowService.export_csv(detection_id)
        return _file(Response(stream_with_context(pieces), mimetype=CSV), detection_id, "csv")
    if wanted == PARQUET:
        content = AnomalyRowService.export_parquet(detection_id)
        return _file(Response(content, mimetype=PARQUET), detection_id, "parquet")
    found = AnomalyRowService.list_rows(
        detection_id,
        asked.limit,
        asked.offset,
        asked.sort,
        descending=asked.descending,
        only_anomalies=asked.only_anomalies,
    )
    page = {"offset": asked.offset, "limit": asked.limit}
    answer = {"data": found["rows"], "total": found["total"], **page}
    return _json(AnomalyRowList.model_validate(answer))


@blueprint.post("/anomaly/<string:detection_id>/labels")
@describes(answer=LabelsOut, body=LabelsIn)
def label(detection_id: str) -> Response:
    """Say of rows whether they are anomalies."""
    given = LabelsIn.model_validate(request.get_json())
    count = AnomalyLabelService.set_labels(detection_id, [one.model_dump() for one in given.labels])
    return _json(LabelsOut(detection_id=detection_id, labelled_rows=count))


@blueprint.get("/anomaly/<string:detection_id>/labels")
@describes(answer=LabelList, query=AnomalyPaging)
def labels(detection_id: str) -> Response:
    """Labels of the rows that the detection was asked about."""
    page = AnomalyPaging.model_validate(request.args.to_dict())
    data = AnomalyLabelService.list_labels(detection_id, page.limit, page.offset)
    total = AnomalyLabelService.count_labels(detection_id)
    found = {"data": data, "total": total, "offset": page.offset, "limit": page.limit}
    return _json(LabelList.model_validate(found))


@blueprint.get("/anomaly/<string:detection_id>/metrics")
@describes(answer=MetricsOut)
def metrics(detection_id: str) -> Response:
    """How well the detection agrees with the labels."""
    return _json(MetricsOut.model_validate(AnomalyLabelService.get_metrics(detection_id)))


@blueprint.post("/anomaly/<string:detection_id>/explain")
@describes(answer=ExplanationsOut, query=WaitQuery, body=AnomalyExplainIn)
def explain(detection_id: str) -> Response:
    """Why rows have their scores, by the fitted detector; waits some seconds for it."""
    seconds = WaitQuery.model_validate(request.args.to_dict()).wait
    asked = AnomalyExplainIn.model_validate(request.get_json())
    found = AnomalyExplanationService.explain(
        detection_id,
        asked.row_indices,
        asked.max_features,
        asked.sample_background,
        asked.method,
        seconds,
    )
    return _json(ExplanationsOut.model_validate(found))


@blueprint.get("/anomaly/<string:detection_id>/explanations")
@describes(answer=KeptExplanations, query=ExplanationsQuery)
def explanations(detection_id: str) -> Response:
    """What was explained before."""
    asked = ExplanationsQuery.model_validate(request.args.to_dict())
    found = AnomalyExplanationService.list_explanations(detection_id, asked.rows)
    return _json(KeptExplanations.model_validate(found))


def _file(answer: Response, detection_id: str, suffix: str) -> Response:
    name = f"anomalies_{detection_id}.{suffix}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _detection(found: Any) -> Response:
    return _json(DetectionOut.model_validate(found))


def _json(found: BaseModel) -> Response:
    return jsonify(found.model_dump(mode="json"))
