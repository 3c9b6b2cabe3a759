"""What every open tab asks every few seconds: my running jobs, and are there notices."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.jobs import JobBrief
from api.schemas.pulse import PulseOut, ToastOut
from services import actor, health
from services.job_service import JobService
from services.notice_service import NoticeService

blueprint = Blueprint("pulse", __name__)


@blueprint.get("/pulse")
@describes(answer=PulseOut)
def read() -> Response:
    """Jobs that wait, run or have just ended, and how many notices are unread."""
    jobs = [JobBrief.model_validate(job) for job in JobService.list_pulse()]
    body = PulseOut(
        jobs=jobs,
        unread=NoticeService.count_unread(),
        toasts=[ToastOut.model_validate(toast) for toast in NoticeService.list_toasts()],
        user_id=actor.myself(),
        troubles=health.troubles(),
    )
    answer = as_json(body)
    answer.add_etag()  # nothing is sent, and nothing drawn, until something has changed
    return answer.make_conditional(request)
