"""The description of the API as a page, for people: ``/api/docs``."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, render_template

from api.openapi import PROBLEMS, document
from services.api_keys import scopes

PATH = "/api/docs"


def install(server: Flask) -> None:
    server.add_url_rule(PATH, "api_documentation", page)


def page() -> str:
    """Every operation: what it takes, what it gives, which scope it needs."""
    described = document(current_app)
    chapters: dict[str, list[dict[str, Any]]] = {resource: [] for resource in scopes.RESOURCES}
    for path, operations in described["paths"].items():
        for verb, operation in operations.items():
            chapters[operation["tags"][0]].append(_operation(path, verb, operation))
    return render_template(
        "api/documentation.html",
        chapters=chapters,
        titles={name: title for name, (title, _) in scopes.RESOURCES.items()},
        schemas=described["components"]["schemas"],
        problems=PROBLEMS,
        scopes=scopes.ALL,
        type_of=type_of,
    )


def type_of(schema: dict[str, Any]) -> str:
    """A schema in a few words.

    Examples
    --------
    >>> type_of({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]})
    'integer from 1 or null'
    >>> type_of({"type": "array", "items": {"$ref": "#/components/schemas/JobOut"}})
    'list of JobOut'
    """
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"“{one}”" for one in schema["enum"])
    if "const" in schema:
        return f"“{schema['const']}”"
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    words = [str(schema.get("format", schema.get("type", "anything")))]
    words += [
        f"{word} {schema[name]}"
        for name, word in (("minimum", "from"), ("maximum", "to"))
        if name in schema
    ]
    return " ".join(words)


def _operation(path: str, verb: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    answers = [
        (status, answer) for status, answer in operation["responses"].items() if int(status) < 400
    ]
    status, answer = answers[0]
    return {
        "id": operation["operationId"],
        "verb": verb.upper(),
        "path": path,
        "summary": operation["summary"],
        "scope": operation["security"][1]["bearer"][0],
        "parameters": operation["parameters"],
        "body": [_content(kind, given) for kind, given in body.items()],
        "status": status,
        "answer": [_content(kind, given) for kind, given in answer.get("content", {}).items()],
    }


def _content(kind: str, given: dict[str, Any]) -> tuple[str, str]:
    """The media type, and the name of the schema if it is JSON with one."""
    return kind, str(given["schema"].get("$ref", "")).rpartition("/")[2]
