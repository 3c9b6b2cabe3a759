"""The description of the API (OpenAPI 3.1), made from the routes and their schemas.

A route says what it takes and gives with :func:`describes`; a test sees that none is silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, current_app, jsonify
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.api_keys import scopes


def _counted(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "integer", "minimum": 0}}


View = TypeVar("View", bound=Callable[..., Any])

PREFIX = "/api/v1"
VERSION = "1"
VERBS = ("get", "post", "put", "patch", "delete")
TYPES = {"int": "integer", "float": "number"}
JSON = "application/json"
REFERENCE = "#/components/schemas/{model}"
# What a route may refuse with, in words.
PROBLEMS = {
    400: "The request cannot be read, or a key stands in the address.",
    401: "Nobody is signed in, or the key is not good.",
    403: "Your role or the key's scopes do not allow it.",
    404: "There is no such thing, or not for you.",
    405: "There is no such address for this verb.",
    409: "It cannot be done in the present state.",
    413: "The body is too large.",
    415: "The body is of another kind than is read here.",
    426: "Here is a WebSocket, and this was no handshake of one.",
    422: "Something in the request does not fit; the sentence says what.",
    429: "The key has used up its limit, or was wrong too often from your address.",
    503: "Something that is needed is away. Try again later.",
}
# Said by the server in front of the program, which has no problem to tell.
TOO_LONG = "The address is longer than 8190 bytes; letters beyond ASCII take up to twelve each."
LIMIT_HEADERS: dict[str, Any] = {
    "RateLimit-Limit": _counted("Requests that the key may send in an hour."),
    "RateLimit-Remaining": _counted("How many of them are left."),
    "RateLimit-Reset": _counted("Seconds until the oldest use is forgotten."),
    "Retry-After": _counted("Seconds until the next request may pass."),
}
SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key: sk_live_…"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for this request. Sent again with it, it is done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class Problem(BaseModel):
    """RFC 9457. ``code`` is fixed per kind of error; quote ``request_id`` when asking."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str


@dataclass(frozen=True)
class Description:
    answer: type[BaseModel] | None
    status: int
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    sends_bytes: bool
    answers_bytes: str
    also_bytes: str
    reads: bool
    later: type[BaseModel] | None


def describes(
    *,
    answer: type[BaseModel] | None = None,
    status: int = 200,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    sends_bytes: bool = False,
    answers_bytes: str = "",
    also_bytes: str = "",
    reads: bool = False,
    later: type[BaseModel] | None = None,
) -> Callable[[View], View]:
    """Say what a route takes and gives; its docstring is the summary.

    ``answers_bytes`` is the media type of an answer that is a file, such as ``text/csv``, or
    several with commas between them; ``also_bytes`` are such beside JSON, by ``Accept``;
    ``reads`` is for a POST that keeps nothing, so that keys which only read may send it;
    ``later`` is what is answered with 202 when the work is accepted and not done.
    """

    def mark(view: View) -> View:
        described = Description(
            answer, status, query, body, sends_bytes, answers_bytes, also_bytes, reads, later
        )
        view.description = described  # type: ignore[attr-defined]
        return view

    return mark


def description_of(view: Callable[..., Any]) -> Description | None:
    found: Description | None = getattr(view, "description", None)
    return found


def openapi() -> Response:
    """The description of this API, OpenAPI 3.1."""
    return jsonify(document(current_app))


def document(server: Flask) -> dict[str, Any]:
    """The whole description as plain JSON; made once, as the routes stay as they are."""
    made: dict[str, Any] | None = server.extensions.get("openapi")
    if made is None:
        made = server.extensions["openapi"] = _document(server)
    return made


def _document(server: Flask) -> dict[str, Any]:
    routes = list(_routes(server))
    models = {Problem} | {
        model
        for _, _, about in routes
        for model in (about.answer, about.query, about.body, about.later)
        if model is not None
    }
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(model, "serialization") for model in ordered], ref_template=REFERENCE
    )
    paths: dict[str, dict[str, Any]] = {}
    for rule, verb, about in routes:
        view = server.view_functions[rule.endpoint]
        paths.setdefault(_path(rule.rule), {})[verb] = _operation(rule, verb, view, about)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rotorscope", "version": VERSION},
        "servers": [{"url": f"{server.config['APPLICATION_ROOT'].rstrip('/')}{PREFIX}"}],
        "security": _security([]),
        "tags": [
            {"name": name, "description": title} for name, (title, _) in scopes.RESOURCES.items()
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "responses": {str(status): _problem(status) for status in PROBLEMS},
            "headers": LIMIT_HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def _routes(server: Flask) -> Any:
    for rule in sorted(server.url_map.iter_rules(), key=lambda rule: rule.rule):
        about = description_of(server.view_functions[rule.endpoint])
        if about is None or not rule.rule.startswith(PREFIX):
            continue
        for verb in VERBS:
            if verb.upper() in (rule.methods or ()):
                yield rule, verb, about


def _path(rule: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.removeprefix(PREFIX))


def _operation(
    rule: Any, verb: str, view: Callable[..., Any], about: Description
) -> dict[str, Any]:
    summary = (view.__doc__ or rule.endpoint).strip().splitlines()[0]
    name = rule.endpoint.removeprefix("api.")
    scope = scopes.needed(name.partition(".")[0], reads=verb == "get" or about.reads) or ""
    operation: dict[str, Any] = {
        "operationId": name.replace(".", "_"),
        "tags": [scope.partition(":")[0]],
        "summary": summary,
        "security": _security([scope]),
        "parameters": [*_path_parameters(rule.rule), *_query_parameters(about.query)],
        "responses": {
            str(about.status): {**_answer(about), "headers": _limit_headers()},
            **{str(status): _problem_reference(status) for status in _refusals(about)},
        },
    }
    if about.query is not None:
        operation["responses"]["414"] = {"description": TOO_LONG}
    if about.later is not None:
        content = {JSON: {"schema": _reference(about.later)}}
        operation["responses"]["202"] = {"description": "Accepted", "content": content}
    if verb == "post":
        operation["parameters"].append(IDEMPOTENCY)
    if about.body is not None:
        content = {JSON: {"schema": _reference(about.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    elif about.sends_bytes:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _refusals(about: Description) -> list[int]:
    """What the route may refuse; a body that is not sent cannot be too large or of a wrong kind."""
    sends = about.body is not None or about.sends_bytes
    left_out = {*(() if sends else (413, 415)), *(() if about.status == 101 else (426,))}
    return [status for status in PROBLEMS if status not in left_out]


def _security(scope: list[str]) -> list[dict[str, list[str]]]:
    return [{"session": []}, {"bearer": scope}, {"header": scope}]


def _problem(status: int) -> dict[str, Any]:
    headers = _limit_headers()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    return {
        "description": PROBLEMS[status],
        "headers": headers,
        "content": {"application/problem+json": {"schema": _reference(Problem)}},
    }


def _problem_reference(status: int) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{status}"}


def _limit_headers() -> dict[str, Any]:
    names = [name for name in LIMIT_HEADERS if name.startswith("RateLimit")]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _file(media_type: str) -> dict[str, Any]:
    """A file; one of JSON may hold anything."""
    return {"schema": {} if media_type == JSON else {"type": "string", "format": "binary"}}


def _answer(about: Description) -> dict[str, Any]:
    if about.answers_bytes:
        kinds = about.answers_bytes.split(", ")
        return {"description": "The file", "content": {kind: _file(kind) for kind in kinds}}
    if about.answer is None:
        return {"description": "Nothing to tell"}
    content: dict[str, Any] = {JSON: {"schema": _reference(about.answer)}}
    if about.also_bytes:
        content |= {kind: _file(kind) for kind in about.also_bytes.split(", ")}
    return {"description": "Done", "content": content}


def _path_parameters(rule: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": TYPES.get(kind, "string")},
        }
        for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule)
    ]


def _query_parameters(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    schema = query.model_json_schema(ref_template=REFERENCE)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": given}
        for name, given in schema["properties"].items()
    ]


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}
