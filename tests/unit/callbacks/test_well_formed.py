from __future__ import annotations

import pytest

from callbacks.well_formed import PATH

PART = {"id": "_pages_location", "property": "pathname", "value": "/"}


@pytest.fixture
def ask(client):
    return lambda body: client.post(PATH, json=body)


@pytest.fixture
def page(client):
    """The callback that shows a page."""
    found = client.get("/_dash-dependencies").json
    return next(one["output"] for one in found if "_pages_content" in one["output"])


@pytest.mark.parametrize(
    "body",
    [
        *(5, True, "x", [], {}, {"output": None}, {"output": {"id": 1}}),
        {"output": "of-no-page.children", "inputs": [PART]},
    ],
)
def test_what_no_page_sends_is_refused(ask, body):
    answer = ask(body)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "parts",
    [
        *({"inputs": "x"}, {"inputs": [5]}, {"inputs": [{}]}, {"inputs": [[5]]}),
        *({"inputs": [[[PART]]], "state": [PART]}, {"inputs": [PART], "state": {"a": 1}}),
        *({"inputs": [PART], "changedPropIds": 5}, {"inputs": [PART], "changedPropIds": [5]}),
        {"inputs": [PART], "outputs": "x"},
    ],
)
def test_parts_that_are_none_are_refused(ask, page, parts):
    assert ask({"output": page, **parts}).status_code == 400


def test_what_a_page_sends_is_answered(ask, page):
    names = [one.rpartition(".") for one in page.strip(".").split("...")]
    outputs = [{"id": one[0], "property": one[2]} for one in names]
    inputs = [PART, {**PART, "property": "search", "value": ""}]
    changed = {"changedPropIds": ["_pages_location.pathname"]}
    answer = ask({"output": page, "outputs": outputs, "inputs": inputs, **changed})
    assert answer.status_code == 200
    assert "_pages_content" in answer.json["response"]
