"""The description of the API (OpenAPI 3.1), made from the routes and their schemas.

A route says what it takes and gives with :func:`describes`; a test sees that none is silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, jsonify
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

View = TypeVar("View", bound=Callable[..., Any])

PREFIX = "/api/v1"
VERSION = "1"
VERBS = ("get", "post", "put", "patch", "delete")
TYPES = {"int": "integer", "float": "number"}
JSON = "application/json"


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


def describes(
    *,
    answer: type[BaseModel] | None = None,
    status: int = 200,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    sends_bytes: bool = False,
    answers_bytes: str = "",
) -> Callable[[View], View]:
    """Say what a route takes and gives; its docstring is the summary.

    ``answers_bytes`` is the media type of an answer that is no JSON, such as ``text/csv``.
    """

    def mark(view: View) -> View:
        described = Description(answer, status, query, body, sends_bytes, answers_bytes)
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
    """The whole description as plain JSON."""
    routes = list(_routes(server))
    models = {Problem} | {
        model
        for _, _, about in routes
        for model in (about.answer, about.query, about.body)
        if model is not None
    }
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(model, "serialization") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for rule, verb, about in routes:
        view = server.view_functions[rule.endpoint]
        paths.setdefault(_path(rule.rule), {})[verb] = _operation(rule, view, about)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rotorscope", "version": VERSION},
        "servers": [{"url": f"{server.config['APPLICATION_ROOT'].rstrip('/')}{PREFIX}"}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "session"}},
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


def _operation(rule: Any, view: Callable[..., Any], about: Description) -> dict[str, Any]:
    summary = (view.__doc__ or rule.endpoint).strip().splitlines()[0]
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.removeprefix("api.").replace(".", "_"),
        "summary": summary,
        "parameters": [*_path_parameters(rule.rule), *_query_parameters(about.query)],
        "responses": {
            str(about.status): _answer(about),
            "default": {
                "description": "What went wrong",
                "content": {"application/problem+json": {"schema": _reference(Problem)}},
            },
        },
    }
    if about.body is not None:
        content = {JSON: {"schema": _reference(about.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    elif about.sends_bytes:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _answer(about: Description) -> dict[str, Any]:
    if about.answers_bytes:
        schema: dict[str, Any] = {"type": "string", "format": "binary"}
        return {"description": "The file", "content": {about.answers_bytes: {"schema": schema}}}
    if about.answer is None:
        return {"description": "Nothing to tell"}
    return {"description": "Done", "content": {JSON: {"schema": _reference(about.answer)}}}


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
    schema = query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": given}
        for name, given in schema["properties"].items()
    ]


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
