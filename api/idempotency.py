"""The header ``Idempotency-Key`` of a POST: see ``services/idempotency_service.py``."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from services.idempotency_service import Answer, IdempotencyService, fingerprint

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
# An answer that is longer is not kept, nor is one that is a file.
LONGEST_ANSWER = 2**20
# They keep it themselves, beside the points.
ELSEWHERE = ("api.streaming.push_point", "api.streaming.push_batch")


def install(api: Blueprint) -> None:
    """For all routes of the API, once the gate has let the request in."""
    api.before_request(_begin)
    api.after_request(_keep)
    api.teardown_request(_give_up)


def _begin() -> Response | None:
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST" or request.endpoint == "api.unknown":
        return None
    if request.endpoint in ELSEWHERE:
        return None
    address = request.full_path if request.query_string else request.path
    answer = IdempotencyService.begin(
        key, fingerprint(request.method, address, request.get_data(cache=True))
    )
    if answer is None:
        g.idempotency_key = key
        return None
    return _again(answer)


def _again(answer: Answer) -> Response:
    response = Response(answer["body"], answer["status"], content_type=answer["content_type"])
    if answer["location"]:
        response.headers["Location"] = answer["location"]
    response.headers[REPLAYED] = "true"
    return response


def _keep(response: Response) -> Response:
    if "idempotency_key" not in g or response.status_code >= 500 or response.is_streamed:
        return response
    body = response.get_data(as_text=True)
    if len(body) <= LONGEST_ANSWER:
        IdempotencyService.keep(
            g.pop("idempotency_key"),
            {
                "status": response.status_code,
                "content_type": response.content_type,
                "location": response.headers.get("Location"),
                "body": body,
            },
        )
    return response


def _give_up(_error: BaseException | None) -> None:
    key = g.pop("idempotency_key", None)
    if key is not None:
        IdempotencyService.give_up(key)
