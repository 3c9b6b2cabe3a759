"""The audit trail over HTTP: for admins."""

from __future__ import annotations

from flask import Blueprint, Response, request, stream_with_context

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.audit import EventList, EventSearch, EventTable
from services.audit_service import AuditService

blueprint = Blueprint("audit", __name__)


@blueprint.get("/events")
@describes(answer=EventList, query=EventSearch)
def index() -> Response:
    """What happened, the newest first."""
    asked = EventSearch.model_validate(request.args.to_dict())
    items = AuditService.list_events(asked.wanted, asked.limit, asked.offset)
    total = AuditService.count_events(asked.wanted)
    found = EventList.model_validate({"items": items, "total": total})
    return as_json(found)


@blueprint.get("/events.csv")
@describes(query=EventTable, answers_bytes="text/csv")
def export() -> Response:
    """All that is found as a table."""
    asked = EventTable.model_validate(request.args.to_dict())
    pieces = AuditService.export_events(asked.wanted)
    answer = Response(stream_with_context(pieces), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=audit-log.csv"
    return answer
