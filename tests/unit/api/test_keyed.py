from __future__ import annotations

import pytest

from api.keyed import scope_of
from models import JobKind
from services.actor import acting_as
from services.api_key_service import APIKeyService
from services.api_keys import scopes
from services.job_service import JobService

READ = "/api/v1/jobs"


@pytest.fixture
def make(analyst):
    def made(**given):
        return APIKeyService.generate_key(analyst.user_id, "press line", **given)["key"]

    return made


@pytest.fixture
def program(web):
    """Somebody without cookies; CSRF is on."""
    return web.test_client()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("named", ["Authorization", "X-API-Key"])
def test_a_key_opens_the_api_by_either_header(program, make, named):
    key = make()
    headers = bearer(key) if named == "Authorization" else {named: key}
    answer = program.get(READ, headers=headers)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    # Without Valkey a process grants a quarter.
    assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == (
        "250",
        "249",
    )
    assert 3600 < int(answer.headers["RateLimit-Reset"]) <= 3660


def test_two_headers_with_the_same_key_are_fine_and_with_two_keys_are_none(program, make):
    key, other = make(), make()
    assert program.get(READ, headers={**bearer(key), "X-API-Key": key}).status_code == 200
    assert program.get(READ, headers={**bearer(key), "X-API-Key": other}).status_code == 401


def test_a_wrong_key_is_refused(program, make):
    answer = program.get(READ, headers=bearer(make()[:-1] + "!"))
    assert (answer.status_code, answer.json["code"]) == (401, "bad_key")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"


def test_a_wrong_key_is_refused_also_where_somebody_is_signed_in(client):
    assert client.get(READ).status_code == 200
    assert client.get(READ, headers=bearer("sk_live_x")).status_code == 401


@pytest.mark.parametrize("name", ["api_key", "API_KEY", "access_token", "note"])
def test_a_key_in_the_address_is_refused(program, client, make, name):
    key = make()
    for one, headers in ((program, {}), (client, {}), (program, bearer(key))):
        answer = one.get(READ, query_string={name: key}, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (400, "key_in_address")
        assert key not in answer.text


def test_a_key_opens_no_page(program, make):
    headers = bearer(make())
    assert program.get("/", headers=headers).status_code == 302
    assert program.get("/_dash-layout", headers=headers).status_code == 401


def test_a_key_needs_no_csrf_token_and_a_session_still_does(web, client, make, analyst):
    web.config["WTF_CSRF_ENABLED"] = True
    url = f"{READ}/{JobService.submit(JobKind.CLEAN_UP, {}, 'Clean up')}/cancel"
    assert client.post(url).status_code == 400
    headers = bearer(make(scopes=["jobs:write"]))
    assert web.test_client().post(url, headers=headers).status_code == 200


def test_with_a_key_the_cookie_counts_for_nothing(client, viewer):
    with acting_as(viewer):
        key = APIKeyService.generate_key(viewer.user_id, "look", scopes=["jobs:read"])["key"]
    assert client.get("/api/v1/experiments").status_code == 200
    assert client.get("/api/v1/experiments", headers=bearer(key)).status_code == 403


def test_a_missing_scope_is_named(program, make):
    key = make(scopes=["datasets:read"])
    answer = program.get(READ, headers=bearer(key))
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert "jobs:read" in answer.json["detail"]
    assert answer.headers["RateLimit-Remaining"] == "249"
    assert program.get("/api/v1/openapi.json", headers=bearer(key)).status_code == 200
    assert program.get("/api/v1/nothing", headers=bearer(key)).status_code == 404


def test_a_test_key_only_reads(program, make):
    key = make(environment="test", scopes=list(scopes.ALL))
    assert program.get(READ, headers=bearer(key)).status_code == 200
    answer = program.post(f"{READ}/1/cancel", headers=bearer(key))
    assert answer.status_code == 403
    assert "test key" in answer.json["detail"]


def test_a_key_that_reads_may_ask_for_a_preview(program, make):
    key = make(scopes=["experiments:read"])
    answer = program.post("/api/v1/experiments/preview", json={}, headers=bearer(key))
    assert answer.status_code == 422
    assert program.post("/api/v1/experiments", json={}, headers=bearer(key)).status_code == 403


def test_too_many_requests_are_refused_with_the_time_to_wait(program, make):
    key = make(rate_limit=8)
    assert [program.get(READ, headers=bearer(key)).status_code for _ in range(3)] == [200, 200, 429]
    answer = program.get(READ, headers=bearer(key))
    assert answer.json["code"] == "rate_limited"
    assert answer.headers["Retry-After"] == answer.headers["RateLimit-Reset"]
    assert answer.headers["RateLimit-Remaining"] == "0"
    # Who watches the site is told how it is, whatever the key has left.
    for path in ("/healthz", "/readyz"):
        assert program.get(path, headers=bearer(key)).status_code != 429


def test_keys_make_keys_only_with_the_scope_for_it(program, make):
    body = {"name": "child", "scopes": ["keys:write"]}
    plain, maker = make(), make(scopes=["keys:write", "keys:read"])
    assert program.post("/api/v1/keys", json=body, headers=bearer(plain)).status_code == 403
    assert program.post("/api/v1/keys", json=body, headers=bearer(maker)).status_code == 201


def test_every_operation_has_a_scope(web):
    operations = {
        (rule.endpoint, verb)
        for rule in web.url_map.iter_rules()
        for verb in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.endpoint not in ("api.openapi", "api.unknown")
    }
    with web.app_context():
        needed = {scope_of(endpoint, verb) for endpoint, verb in operations}
    assert None not in needed
    assert needed == set(scopes.ALL)  # and no scope is for nothing


def test_nothing_outside_the_table_can_be_done_with_a_key(web):
    with web.app_context():
        assert scope_of("account.sign_out", "POST") is None
    with pytest.raises(scopes.Forbidden, match="Sign in as a person"):
        scopes.require(None, scopes.ALL)
