"""JSON in requests and answers, and a sentence about a body that is none."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Flask, Request, Response, jsonify
from flask.json.provider import DefaultJSONProvider
from pydantic import BaseModel
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

NOT_SENT = (
    "Send the body as JSON with the header Content-Type: application/json; the OpenAPI document "
    "says what belongs into it."
)


class TooDeep(ValueError):
    """JSON in JSON in JSON, more than can be read."""


class JsonProvider(DefaultJSONProvider):
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise TooDeep from None


class JsonRequest(Request):
    """Says where a body stops being JSON; what Flask says speaks of browsers and proxies."""

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        if e is None:
            raise UnsupportedMediaType(NOT_SENT)
        if not self.get_data():
            raise BadRequest(f"The body is empty. {NOT_SENT}")
        raise BadRequest(f"The body is not JSON: {_reason(e)}. Mend it and send it again.") from e


def as_json(body: BaseModel) -> Response:
    """The answer that a schema describes."""
    return jsonify(body.model_dump(mode="json"))


def install(server: Flask) -> None:
    server.request_class = JsonRequest
    server.json = JsonProvider(server)


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        what = error.msg[:1].lower() + error.msg[1:]
        return f"{what} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"it is no UTF-8 text from byte {error.start} on"
    if isinstance(error, TooDeep):
        return "it is nested too deeply"
    return "it cannot be read"
