"""One's own notices, and by which channels one is told, over HTTP."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.notifications import (
    MarkedOut,
    NoticeList,
    NoticeOut,
    NoticeQuery,
    PreferenceList,
    PreferencesIn,
    TakenOut,
    UnreadOut,
)
from services.notice_service import NoticeService, NoticeView
from services.notification_preference_service import NotificationPreferenceService

blueprint = Blueprint("notifications", __name__)


@blueprint.get("/notifications")
@describes(answer=NoticeList, query=NoticeQuery)
def index() -> Response:
    """One's notices, newest first."""
    asked = NoticeQuery.model_validate(request.args.to_dict())
    items = NoticeService.list_notices(
        asked.limit, asked.offset, unread=asked.unread, event_type=asked.type
    )
    total = NoticeService.count_notices(unread=asked.unread, event_type=asked.type)
    body = {"items": items, "total": total, "unread": NoticeService.count_unread()}
    return as_json(NoticeList.model_validate(body))


@blueprint.get("/notifications/unread")
@describes(answer=UnreadOut)
def count_unread() -> Response:
    """How many notices are unread."""
    return jsonify(UnreadOut(unread=NoticeService.count_unread()).model_dump())


@blueprint.post("/notifications/<int:notice_id>/read")
@describes(answer=NoticeOut)
def mark_read(notice_id: int) -> Response:
    """Mark a notice as read."""
    return _body(NoticeService.mark_read(notice_id))


@blueprint.post("/notifications/<int:notice_id>/unread")
@describes(answer=NoticeOut)
def mark_unread(notice_id: int) -> Response:
    """Mark a notice as unread again."""
    return _body(NoticeService.mark_read(notice_id, is_read=False))


@blueprint.post("/notifications/read-all")
@describes(answer=MarkedOut)
def mark_all_read() -> Response:
    """Mark all notices as read."""
    return jsonify(MarkedOut(marked=NoticeService.mark_all_read()).model_dump())


@blueprint.post("/notifications/<int:notice_id>/toast")
@describes(answer=TakenOut)
def take_toast(notice_id: int) -> Response:
    """Take a toast to show it; the first that asks gets it."""
    return jsonify(TakenOut(taken=NoticeService.take_toast(notice_id)).model_dump())


@blueprint.get("/notifications/preferences")
@describes(answer=PreferenceList)
def list_preferences() -> Response:
    """By which channels one is told of which events."""
    return _preferences()


@blueprint.patch("/notifications/preferences")
@describes(answer=PreferenceList, body=PreferencesIn)
def set_preferences() -> Response:
    """Choose channels; all of the choices are kept, or none."""
    asked = PreferencesIn.model_validate(request.get_json())
    NotificationPreferenceService.set_preferences(
        [(one.event_type, one.channel, one.value) for one in asked.choices]
    )
    return _preferences()


def _preferences() -> Response:
    items = NotificationPreferenceService.list_preferences()
    return as_json(PreferenceList.model_validate({"items": items}))


def _body(notice: NoticeView) -> Response:
    return as_json(NoticeOut.model_validate(notice))
