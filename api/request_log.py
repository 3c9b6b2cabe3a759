"""Note every request to the API, in memory: the database is written by somebody else.

What open tabs ask every few seconds is left out; there would be nothing else to see.
"""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Flask, Response, current_app, g, request

from api import keyed
from api.openapi import PREFIX
from services import actor
from services.api_requests.log import Noted, note
from services.api_requests.samples import LARGEST_BODY, sample

ASKED_BY_TABS = "/pulse"
# A route that there is not; the address itself may be anything.
UNKNOWN = "(unknown)"


def install(server: Flask) -> None:
    """Before everything else, so that all the time that a request takes is seen."""
    server.before_request(_begin)
    server.after_request(_end)


def _begin() -> None:
    g.begun_at = time.perf_counter()


def _end(response: Response) -> Response:
    if keyed.is_api() and "begun_at" in g:
        route = _route()
        key_id = g.admission.key.id if keyed.is_keyed() else None
        if route != ASKED_BY_TABS or key_id is not None:
            note(_noted(response, route, key_id))
    return response


def _route() -> str:
    rule = request.url_rule
    if rule is None or request.endpoint == "api.unknown":
        return UNKNOWN
    return rule.rule.removeprefix(PREFIX)


def _noted(response: Response, route: str, key_id: int | None) -> Noted:
    acting = actor.present()
    sampled = bool(current_app.config["API_SAMPLE_BODIES"])
    return Noted(
        endpoint=route,
        method=request.method,
        status_code=response.status_code,
        duration_us=int((time.perf_counter() - g.begun_at) * 1e6),
        ip_address=request.remote_addr,
        user_agent=request.headers.get("User-Agent"),
        api_key_id=key_id,
        user_id=None if acting is None else acting.user_id,
        request_id=g.get("request_id"),
        request_size=request.content_length or 0,
        response_size=response.content_length or 0,
        error_message=_detail(response) if response.status_code >= 400 else None,
        request_sample=_sample_of_request() if sampled else None,
        response_sample=_sample_of_response(response) if sampled else None,
    )


def _detail(response: Response) -> str | None:
    if response.content_type != "application/problem+json":
        return None
    return str(json.loads(response.get_data())["detail"])


def _sample_of_request() -> dict[str, Any] | None:
    # Of what is larger nothing would be kept, and it may be more than is taken at all.
    if not request.is_json or not 0 < (request.content_length or 0) <= LARGEST_BODY:
        return None
    return sample(request.get_data(cache=True))


def _sample_of_response(response: Response) -> dict[str, Any] | None:
    return sample(response.get_data()) if response.is_json and not response.is_streamed else None
