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


def test_every_reference_leads_somewhere(document):
    for one in references(document):
        found = document
        for name in one.removeprefix("#/").split("/"):
            found = found[name]
        assert found
    assert document["openapi"] == "3.1.0"


def test_every_operation_names_its_scope_and_what_it_refuses(document):
    operations = [
        (path, verb, one)
        for path, verbs in document["paths"].items()
        for verb, one in verbs.items()
    ]
    for path, verb, one in operations:
        reads, scope = verb == "get", one["security"][1]["bearer"]
        assert one["security"] == [{"session": []}, {"bearer": scope}, {"header": scope}]
        assert scope[0].partition(":")[0] == one["tags"][0], path
        assert not reads or scope[0].endswith(":read"), path
        assert {"401", "403", "404", "422", "429"} <= set(one["responses"]), path
    assert ("/jobs", "get") in {(path, verb) for path, verb, _ in operations}


def test_what_takes_a_query_may_find_the_address_too_long(document):
    found = document["paths"]["/experiments/complete"]["get"]["responses"]
    assert list(found["414"]) == ["description"]
    assert "414" not in document["paths"]["/jobs/{job_id}"]["get"]["responses"]


def test_schemas_have_names_for_people(document):
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


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
