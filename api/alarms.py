"""Alarms over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.alarms import AlarmList, AlarmOut, AlarmQuery, FaultIn, NoteIn, ShelfIn
from services.alarm_service import AlarmFilter, AlarmService, AlarmView

blueprint = Blueprint("alarms", __name__)


@blueprint.get("/alarms")
@describes(answer=AlarmList, query=AlarmQuery)
def index() -> Response:
    """Alarms, those seen last first unless sorted otherwise."""
    asked = AlarmQuery.model_validate(request.args.to_dict())
    wanted = AlarmFilter(
        states=_names(asked.state),
        severities=_names(asked.severity),
        kind=asked.kind,
        object=asked.object,
        text=asked.text,
    )
    items = AlarmService.list_alarms(asked.limit, asked.offset, wanted, asked.sort)
    total = AlarmService.count_alarms(wanted)
    answer = AlarmList.model_validate({"items": items, "total": total})
    return as_json(answer)


@blueprint.get("/alarms/<int:alarm_id>")
@describes(answer=AlarmOut)
def read(alarm_id: int) -> Response:
    """One alarm."""
    return _body(AlarmService.get_alarm(alarm_id))


@blueprint.post("/alarms/<int:alarm_id>/acknowledge")
@describes(answer=AlarmOut, body=NoteIn)
def acknowledge(alarm_id: int) -> Response:
    """Say that somebody takes care of it."""
    given = NoteIn.model_validate(request.get_json())
    return _body(AlarmService.acknowledge(alarm_id, given.note))


@blueprint.post("/alarms/<int:alarm_id>/shelve")
@describes(answer=AlarmOut, body=ShelfIn)
def shelve(alarm_id: int) -> Response:
    """Put it out of sight until a moment."""
    given = ShelfIn.model_validate(request.get_json())
    return _body(AlarmService.shelve(alarm_id, given.until, given.note))


@blueprint.post("/alarms/<int:alarm_id>/clear")
@describes(answer=AlarmOut, body=NoteIn)
def clear(alarm_id: int) -> Response:
    """End it; when the same is seen again, that is a new alarm."""
    given = NoteIn.model_validate(request.get_json())
    return _body(AlarmService.clear(alarm_id, given.note))


@blueprint.post("/alarms/<int:alarm_id>/fault")
@describes(answer=AlarmOut, body=FaultIn)
def confirm_fault(alarm_id: int) -> Response:
    """Say what was found when somebody looked."""
    given = FaultIn.model_validate(request.get_json())
    return _body(AlarmService.confirm_fault(alarm_id, given.fault, given.note))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _body(alarm: AlarmView) -> Response:
    return as_json(AlarmOut.model_validate(alarm))
