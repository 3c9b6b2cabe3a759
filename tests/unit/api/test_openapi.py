from __future__ import annotations

import pytest

from api.openapi import description_of


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").json


def references(part) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own.union(*(references(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(references(value) for value in part))
    return set()


def test_every_route_says_what_it_takes_and_gives(web):
    silent = [
        rule.rule
        for rule in web.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        and rule.endpoint not in ("api.openapi", "api.unknown")
        and description_of(web.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


def test_every_reference_leads_to_a_schema(document):
    schemas = document["components"]["schemas"]
    assert {r.rpartition("/")[2] for r in references(document)} <= set(schemas)
    assert document["openapi"] == "3.1.0"


def test_operations_have_unique_ids_and_a_summary(document):
    operations = [one for path in document["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids))
    assert all(one["summary"].endswith(".") for one in operations)


def test_parameters_follow_the_route_and_its_query(document):
    (job_id,) = document["paths"]["/jobs/{job_id}"]["get"]["parameters"]
    assert (job_id["in"], job_id["required"], job_id["schema"]) == (
        "path",
        True,
        {"type": "integer"},
    )
    listed = document["paths"]["/jobs"]["get"]["parameters"]
    assert {one["name"] for one in listed} == {"limit", "offset"}


def test_an_answer_is_as_it_is_described(client, document):
    described = document["components"]["schemas"]["JobList"]["required"]
    assert set(client.get("/api/v1/jobs").json) == set(described)
