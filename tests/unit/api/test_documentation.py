from __future__ import annotations

import re

from api.openapi import document


def test_people_are_asked_to_sign_in_first(web):
    answer = web.test_client().get("/api/docs")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/api/docs")


def test_every_operation_and_schema_is_on_the_page(web, client):
    page = client.get("/api/docs").text
    with web.test_request_context():
        described = document(web)
    operations = [one for path in described["paths"].values() for one in path.values()]
    ids = re.findall(r'<details id="([^"]+)"', page)
    assert {one["operationId"] for one in operations} <= set(ids)
    assert {f"schema-{name}" for name in described["components"]["schemas"]} <= set(ids)
    assert len(ids) == len(set(ids))


def test_every_link_on_the_page_leads_somewhere(client):
    page = client.get("/api/docs").text
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(client):
    answer = client.get("/api/docs")
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', answer.text)
    assert all(one.startswith("/") for one in loaded)
    assert re.findall(r"<script(?![^>]*src=)", answer.text) == []
    assert re.findall(r'\son\w+="', answer.text) == []
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
