"""Streams over HTTP. What comes over sockets is answered by a process of its own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.anomalies import AnomalyPaging
from api.schemas.streaming import (
    MaybeStreamAlert,
    PointsQuery,
    StreamAcceptedOut,
    StreamAlertList,
    StreamAlertOut,
    StreamAlerts,
    StreamAlgorithmList,
    StreamBatchIn,
    StreamDataOut,
    StreamIn,
    StreamList,
    StreamOut,
    StreamPointIn,
    StreamQuery,
    StreamStatusOut,
)
from api.sockets.handing_over import refuse
from services.streaming.blocks import KEPT_POINTS
from services.streaming.points import InvalidPoint
from services.streaming.pushing import Pushed
from services.streaming_service import StreamingService

blueprint = Blueprint("streaming", __name__)
ROOT = "/anomaly/streaming"
LATER = "respond-async"
SENT_AS = "Idempotency-Key"
SHOWN = tuple(StreamAlertOut.model_fields)


@blueprint.get(f"{ROOT}/algorithms")
@describes(answer=StreamAlgorithmList)
def algorithms() -> Response:
    """What can judge a stream, with the parameters that each takes."""
    found = [{**asdict(one), "parameters": _parameters(one)} for one in _described()]
    return as_json(StreamAlgorithmList.model_validate({"algorithms": found, "total": len(found)}))


@blueprint.get(f"{ROOT}/sessions")
@describes(answer=StreamList, query=StreamQuery)
def index() -> Response:
    """Sessions, newest first."""
    asked = StreamQuery.model_validate(request.args.to_dict())
    found = StreamingService.list_sessions(asked.limit, asked.offset, asked.status)
    total = StreamingService.count_sessions(asked.status)
    return as_json(StreamList.model_validate(_list(found, total, asked)))


@blueprint.post(f"{ROOT}/start")
@describes(answer=StreamOut, status=201, body=StreamIn)
def start() -> tuple[Response, int]:
    """Begin a session, which takes points at once."""
    asked = StreamIn.model_validate(request.get_json())
    made = StreamingService.start_session(**asked.model_dump())
    return _session(made), 201


@blueprint.get(f"{ROOT}/<session_id>")
@describes(answer=StreamOut)
def read(session_id: str) -> Response:
    """One session."""
    return _session(StreamingService.get_session(session_id))


@blueprint.post(f"{ROOT}/<session_id>/data")
@describes(answer=MaybeStreamAlert, body=StreamPointIn, later=StreamAcceptedOut)
def push_point(session_id: str) -> Response | tuple[Response, int]:
    """Give a point to a session; its alert, or null."""
    pushed = _push(session_id, _object())
    if pushed["alerts"] is None:
        return _accepted(pushed)
    return jsonify(_shown(pushed["alerts"][0]) if pushed["alerts"] else None)


@blueprint.post(f"{ROOT}/<session_id>/batch")
@describes(answer=StreamAlerts, body=StreamBatchIn, later=StreamAcceptedOut)
def push_batch(session_id: str) -> Response | tuple[Response, int]:
    """Give up to 1000 points to a session; the alerts among them."""
    given = _object()
    for name in given.keys() - {"data_points"}:
        raise InvalidPoint(name, "is unknown; the body has data_points.")
    pushed = _push(session_id, given.get("data_points"))
    if pushed["alerts"] is None:
        return _accepted(pushed)
    return jsonify([_shown(alert) for alert in pushed["alerts"]])


@blueprint.get(f"{ROOT}/<session_id>/status")
@describes(answer=StreamStatusOut)
def status(session_id: str) -> Response:
    """What a session has seen, how full it is, and its last alerts."""
    return as_json(StreamStatusOut.model_validate(StreamingService.get_status(session_id)))


@blueprint.get(f"{ROOT}/<session_id>/data")
@describes(answer=StreamDataOut, query=PointsQuery)
def data(session_id: str) -> Response:
    """The last judged points, oldest first; ``total`` counts all that are kept."""
    asked = PointsQuery.model_validate(request.args.to_dict())
    kept = StreamingService.get_data(session_id, KEPT_POINTS)
    body = {"session_id": session_id, "data_points": kept[-asked.limit :], "total": len(kept)}
    return as_json(StreamDataOut.model_validate(body))


@blueprint.get(f"{ROOT}/<session_id>/alerts")
@describes(answer=StreamAlertList, query=AnomalyPaging)
def alerts(session_id: str) -> Response:
    """Alerts of a session, newest first."""
    asked = AnomalyPaging.model_validate(request.args.to_dict())
    found = StreamingService.list_alerts(session_id, asked.limit, asked.offset)
    total = StreamingService.count_alerts(session_id)
    return as_json(StreamAlertList.model_validate(_list(found, total, asked)))


@blueprint.post(f"{ROOT}/<session_id>/alerts/<alert_id>/acknowledge")
@describes(answer=StreamAlertOut)
def acknowledge(session_id: str, alert_id: str) -> Response:
    """Say that somebody has seen an alert."""
    found = StreamingService.acknowledge_alert(session_id, alert_id)
    return as_json(StreamAlertOut.model_validate(found))


@blueprint.post(f"{ROOT}/<session_id>/pause")
@describes(answer=StreamOut)
def pause(session_id: str) -> Response:
    """Take no points for a while."""
    return _session(StreamingService.pause_session(session_id))


@blueprint.post(f"{ROOT}/<session_id>/resume")
@describes(answer=StreamOut)
def resume(session_id: str) -> Response:
    """Take points again."""
    return _session(StreamingService.resume_session(session_id))


@blueprint.post(f"{ROOT}/<session_id>/stop")
@describes(answer=StreamOut)
def stop(session_id: str) -> Response:
    """End a session; what it found stays."""
    return _session(StreamingService.stop_session(session_id))


@blueprint.delete(f"{ROOT}/<session_id>")
@describes(status=204)
def delete(session_id: str) -> tuple[str, int]:
    """Take a session and its alerts away."""
    StreamingService.delete_session(session_id)
    return "", 204


@blueprint.get(f"{ROOT}/<session_id>/ws")
@describes(status=101)
def socket(session_id: str) -> Response:
    """A WebSocket. It is handed to the process that serves sockets, and this one forgets it."""
    return refuse()


def _object() -> dict[str, Any]:
    given = request.get_json()
    if not isinstance(given, dict):
        raise InvalidPoint("body", "must be an object.")
    return given


def _push(session_id: str, given: Any) -> Pushed:
    preferred = request.headers.get("Prefer", "").lower()
    later = any(part.strip() == LATER for part in preferred.split(","))
    sent_as = request.headers.get(SENT_AS, "")
    return StreamingService.push(session_id, given, wait=not later, sent_as=sent_as)


def _accepted(pushed: Pushed) -> tuple[Response, int]:
    body = StreamAcceptedOut(accepted=pushed["count"], first=pushed["first"])
    return as_json(body), 202


def _shown(alert: dict[str, Any]) -> dict[str, Any]:
    if isinstance(alert["timestamp"], str):  # as its judge has told it: plain already
        return {name: alert[name] for name in SHOWN}
    return StreamAlertOut.model_validate(alert).model_dump(mode="json")


def _session(view: Any) -> Response:
    return as_json(StreamOut.model_validate(view))


def _list(found: list[Any], total: int, asked: AnomalyPaging) -> dict[str, Any]:
    return {"data": found, "total": total, "offset": asked.offset, "limit": asked.limit}


def _described() -> list[Any]:
    return list(StreamingService.list_algorithms())


def _parameters(one: Any) -> list[dict[str, Any]]:
    return [
        {
            **asdict(parameter),
            "default": int(parameter.default) if parameter.type == "integer" else parameter.default,
            "options": None,
        }
        for parameter in one.parameters
    ]
