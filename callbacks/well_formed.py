"""Requests of pages that no page sends: they are refused before Dash trips over them."""

from __future__ import annotations

from typing import Any

from dash import Dash
from flask import request
from werkzeug.exceptions import BadRequest

PATH = "/_dash-update-component"
NOT_OURS = "This is no request of this version of the page. Load the page again."


def install(app: Dash) -> None:
    """Look at every request for a callback, once the gate has let it in."""

    def check() -> None:
        asked = request.method == "POST" and request.path == PATH
        if asked and not is_well_formed(request.get_json(), app.callback_map):
            raise BadRequest(NOT_OURS)

    app.server.before_request(check)


def is_well_formed(body: Any, known: Any) -> bool:
    """Whether a body names one of the callbacks and has the parts that all of them have.

    Examples
    --------
    >>> part = {"id": "name", "property": "value", "value": "pump"}
    >>> is_well_formed({"output": "a.children", "inputs": [part]}, {"a.children": ...})
    True
    >>> is_well_formed({"output": "a.children", "inputs": [5]}, {"a.children": ...})
    False
    """
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    given = [body.get("inputs", []), body.get("state", [])]
    changed = body.get("changedPropIds", [])
    return (
        body["output"] in known
        and all(isinstance(parts, list) and all(map(_is_part, parts)) for parts in given)
        and isinstance(changed, list)
        and all(isinstance(one, str) for one in changed)
        and isinstance(body.get("outputs"), dict | list | None)
    )


def _is_part(part: Any) -> bool:
    """A property of a component, or of all those that fit a pattern."""
    if isinstance(part, list):
        return all(isinstance(one, dict) and _is_part(one) for one in part)
    return isinstance(part, dict) and isinstance(part.get("property"), str) and "id" in part
