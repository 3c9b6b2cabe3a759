"""A text that PostgreSQL does not take, wherever the address of an operation takes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.database
PARAMETER = re.compile(r"{(\w+)}")
ZERO = "a\0b"


def asked(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each operation with the text as its address, and in each parameter of its query."""
    for path, verbs in document["paths"].items():
        for verb, about in verbs.items():
            yield verb, PARAMETER.sub(ZERO, path), {}
            queries = [one["name"] for one in about.get("parameters", ()) if one["in"] == "query"]
            for name in queries:
                yield verb, PARAMETER.sub("1", path), {name: ZERO}


def test_no_text_in_an_address_breaks_an_operation(client):
    document = client.get("/api/v1/openapi.json").json
    broken = []
    for verb, path, query in asked(document):
        with client.open(path, method=verb.upper(), query_string=query, json={}) as answer:
            if answer.status_code >= 500:
                broken.append((verb, path, query))
    assert broken == []
